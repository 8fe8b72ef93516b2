#pragma once

#include <filesystem>

namespace kwikgate::tests {

/// The root of the source tree. Only source_dir.cpp is compiled with that path, so that ccache
/// serves every other file to a clone in another folder.
std::filesystem::path source_dir();

}  // namespace kwikgate::tests
