#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "auth/signature/bounded_text.hpp"

namespace kwikgate::auth {

enum class FieldType : std::uint8_t { item, list, dictionary };

/// The type of a registered structured field by its lower-case name; false for all other fields.
bool structured_field_type(std::string_view lower_name, FieldType& out);

/// A member of a dictionary: its key and, not yet judged, all that follows it. Borrows the line.
struct DictionaryMember {
    std::string_view key;
    std::string_view rest;
};

/// Finding duplicate keys is quadratic, so a field in canonical form is bounded.
struct CanonicalLimits {
    std::size_t max_parameters = 16;           ///< A member or item.
    std::span<DictionaryMember> members = {};  ///< Room for the members; empty: room for 64.
};

/// Writes the strict serialisation of a whole field, whose lines are combined. False when it is not
/// of that type or exceeds the limits. A key that stands twice keeps its first place and its last
/// value. An empty list or dictionary writes nothing. **Spec**: RFC 9651, 4.1.
bool write_canonical_field(FieldType type, std::span<const std::string_view> lines,
                           BoundedText& out, const CanonicalLimits& limits = {});

/// Writes the value of one member of a dictionary. False when there is none or the field is not a
/// dictionary. A key that stands twice counts by its last value.
bool write_dictionary_member(std::string_view key, std::span<const std::string_view> lines,
                             BoundedText& out);

}  // namespace kwikgate::auth
