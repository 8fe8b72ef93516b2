#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "auth/signature/coverage.hpp"
#include "auth/signature/signature_base.hpp"
#include "auth/signature/signature_scheme.hpp"

namespace kwikgate::auth {

/// What one verification works in; reused, and never cleared as a whole.
struct SignatureAuthenticator::Workspace {
    SignatureInput input;
    std::array<std::uint8_t, kMacBytes> mac{};
    std::array<char, kMaxBaseBytes> memory;
    std::size_t base_size = 0;
    std::array<char, store::kMaxCredentialBytes + 1> key_memory;

    std::string_view base() const { return {memory.data(), base_size}; }

    /// The key id without the backslashes of its string. One too long for any key stays as it is.
    std::string_view key_id() {
        if (input.key_id.find('\\') == std::string_view::npos) return input.key_id;
        BoundedText text(key_memory);
        const BareItem item{ItemType::string, 0, input.key_id};
        return decode_text(item, text) ? text.view() : input.key_id;
    }
};

}  // namespace kwikgate::auth
