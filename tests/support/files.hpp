#pragma once

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

#include "tests/support/source_dir.hpp"

namespace kwikgate::tests {

/// Every byte of a file; a failure where there is none.
inline std::string read_file(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    EXPECT_TRUE(in) << file;
    return {std::istreambuf_iterator<char>(in), {}};
}

/// Makes or replaces a file; returns its path.
inline std::filesystem::path write_file(std::filesystem::path file, std::string_view bytes,
                                        mode_t mode = 0600) {
    std::ofstream(file, std::ios::binary | std::ios::trunc) << bytes;
    EXPECT_EQ(::chmod(file.c_str(), mode), 0) << file;
    return file;
}

/// A file of this project, by its path in the tree; a failure where it is empty.
inline std::string read_source(const std::string& name) {
    std::string text = read_file(source_dir() / name);
    EXPECT_FALSE(text.empty()) << name;
    return text;
}

}  // namespace kwikgate::tests
