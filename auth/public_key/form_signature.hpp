#pragma once

#include <array>
#include <cstdint>

#include "auth/public_key/form_fields.hpp"
#include "auth/secret.hpp"

namespace kwikgate::auth {

/// The fields of a form in the order they are signed in: sorted by decoded name.
struct SortedFields {
    std::array<std::uint8_t, kMaxFormFields> order{};
    bool has_duplicate = false;  ///< Two fields have the same name.
};
/// **Cost**: linear in the names, and a step for each pair of fields; no allocation.
SortedFields sort_fields(const FormFields& form);

using FormMac = std::array<std::uint8_t, 32>;

/// HMAC-SHA256 over all fields but `signature`: `name=value` joined with "&", sorted by name, both
/// decoded and encoded again by RFC 3986 (unreserved characters stay, all else is %XX in upper
/// case).
FormMac form_mac(const FormFields& form, const SortedFields& sorted, const HmacKey& key);

/// Reads 64 hexadecimal digits, in either case.
bool read_form_mac(FormText text, FormMac& out);

}  // namespace kwikgate::auth
