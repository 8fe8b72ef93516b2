#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string_view>

/// Work that anybody can cause before the gateway knows who he is, each kind at its worst: for the
/// benchmark that times it, and for the test that counts its instructions at two sizes.
/// docs/threat-model.md, "Work before authentication", has the list.
namespace kwikgate::tests {

struct PreauthWork {
    std::string_view name;
    std::size_t bytes;  ///< Input at the default limits.
    /// Makes an input of `bytes`; what it returns does the work once and tells its verdict, so that
    /// nothing is optimised away.
    std::function<unsigned()> (*prepare)(std::size_t bytes);
};

std::span<const PreauthWork> preauth_works();

}  // namespace kwikgate::tests
