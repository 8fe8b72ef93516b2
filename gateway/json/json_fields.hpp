#pragma once

#include <simdjson.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "store/types.hpp"

/// Reading JSON objects strictly: every member is known, stands once and has its type.
namespace kwikgate::gateway {

/// What is wrong with a value, as a clause ("must be a string"); empty: nothing.
using FieldProblem = std::string;

/// A problem and the member it is about; `key` empty: the object itself.
struct MemberProblem {
    std::string key;
    FieldProblem message;
    /// "key: message". Shows nothing of the value.
    std::string to_string() const;
};

/// Reads one member. Nothing: there is no such key.
using ReadMember = std::function<std::optional<FieldProblem>(std::string_view key,
                                                             const simdjson::dom::element& value)>;

/// Reads every member of `object`. Returns all that is wrong: unknown keys, keys that stand twice,
/// and what `read` found.
std::vector<MemberProblem> read_members(const simdjson::dom::object& object,
                                        const ReadMember& read);

std::optional<std::string_view> text_of(const simdjson::dom::element& value);
FieldProblem read_text(const simdjson::dom::element& value, std::optional<std::string>& out);
FieldProblem read_flag(const simdjson::dom::element& value, std::optional<bool>& out);
FieldProblem read_texts(const simdjson::dom::element& value,
                        std::optional<std::vector<std::string>>& out);
/// RFC 3339.
FieldProblem read_time(const simdjson::dom::element& value, std::optional<store::Timestamp>& out);
FieldProblem read_number(const simdjson::dom::element& value, std::uint32_t& out);

}  // namespace kwikgate::gateway
