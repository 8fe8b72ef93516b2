#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "auth/signature/bounded_text.hpp"
#include "auth/signature/structured_field.hpp"

namespace kwikgate::auth {

enum class FieldType : std::uint8_t { item, list, dictionary };

/// The type of a registered structured field by its lower-case name; false for all other fields.
bool structured_field_type(std::string_view lower_name, FieldType& out);

/// A member of a dictionary: its key and, not yet judged, all that follows it. Borrows the line.
struct DictionaryMember {
    std::string_view key;
    std::string_view rest;
    std::uint64_t hash = 0;  ///< Of the key.
};

struct CanonicalParameter {
    FieldParameter parameter;
    std::uint64_t hash = 0;  ///< Of its key.
};

/// How many different keys a field in canonical form may have: each key is held against the hashes
/// of those before it.
struct CanonicalLimits {
    std::span<CanonicalParameter> parameters = {};  ///< Of one member or item; empty: room for 16.
    std::span<DictionaryMember> members = {};       ///< Empty: room for 64.
};

/// Writes the strict serialisation of a whole field, whose lines are combined. False when it is not
/// of that type or exceeds the limits. A key that stands twice keeps its first place and its last
/// value. An empty list or dictionary writes nothing. **Cost**: linear in the field, no allocation.
/// **Spec**: RFC 9651, 4.1.
bool write_canonical_field(FieldType type, std::span<const std::string_view> lines,
                           BoundedText& out, const CanonicalLimits& limits = {});

/// Writes the value of one member of a dictionary. False when there is none or the field is not a
/// dictionary. A key that stands twice counts by its last value.
bool write_dictionary_member(std::string_view key, std::span<const std::string_view> lines,
                             BoundedText& out);

}  // namespace kwikgate::auth
