#include "auth/signature/canonical_field.hpp"

#include <array>
#include <optional>

#include "auth/signature/structured_field.hpp"
#include "auth/text_hash.hpp"

namespace kwikgate::auth {
namespace {

/// The entry with that key: the one that was there, or a new one behind the `count` that are.
/// Nothing when there is no room for it.
template <class Entry, class KeyOf>
Entry* entry_of(std::string_view key, std::span<Entry> entries, std::size_t& count, KeyOf key_of) {
    const std::uint64_t hash = text_hash(key);
    for (std::size_t i = 0; i < count; ++i)
        if (entries[i].hash == hash && key_of(entries[i]) == key) return &entries[i];
    if (count == entries.size()) return nullptr;
    entries[count].hash = hash;
    return &entries[count++];
}

/// Writes the parameters that follow: each key where it stood first, with the value it had last.
bool copy_parameters(FieldParser& parser, BoundedText& out, const CanonicalLimits& limits) {
    FieldParameter parameter;
    std::size_t count = 0;
    while (parser.next_parameter(parameter)) {
        CanonicalParameter* const entry =
            entry_of(parameter.key, limits.parameters, count,
                     [](const CanonicalParameter& known) { return known.parameter.key; });
        if (entry == nullptr) return false;
        entry->parameter = parameter;
    }
    if (parser.failed()) return false;
    for (const CanonicalParameter& entry : limits.parameters.first(count))
        write_parameter(entry.parameter, out);
    return true;
}

/// Reads one member value and writes it canonically.
bool copy_member(FieldParser& parser, BoundedText& out, const CanonicalLimits& limits) {
    BareItem item;
    if (!parser.open_list()) {
        if (!parser.bare_item(item)) return false;
        write_bare_item(item, out);
        return copy_parameters(parser, out, limits);
    }
    out.put('(');
    for (bool first = true; parser.next_in_list(item); first = false) {
        if (!first) out.put(' ');
        write_bare_item(item, out);
        if (!copy_parameters(parser, out, limits)) return false;
    }
    if (parser.failed()) return false;
    out.put(')');
    return copy_parameters(parser, out, limits);
}

/// True when the member after its key is Boolean true, written or implied; leaves the parser behind
/// it.
bool take_true(FieldParser& parser) {
    const char* const before = parser.position();
    if (!parser.equals()) return true;
    BareItem item;
    if (parser.bare_item(item) && item.type == ItemType::boolean && item.number == 1) return true;
    parser.rewind(before);
    parser.equals();
    return false;
}

/// Fills `members` with the keys of all lines in the order they first appeared. A line of several
/// that is empty is refused: combined, the field would hold an empty member.
std::optional<std::size_t> gather_members(std::span<const std::string_view> lines,
                                          std::span<DictionaryMember> members) {
    std::size_t count = 0;
    for (const std::string_view line : lines) {
        FieldParser parser(line);
        parser.start();
        bool is_empty = true;
        while (parser.more()) {
            is_empty = false;
            std::string_view key;
            if (!parser.key(key)) return std::nullopt;
            DictionaryMember* const member = entry_of(
                key, members, count, [](const DictionaryMember& known) { return known.key; });
            if (member == nullptr) return std::nullopt;
            member->key = key;
            member->rest = parser.rest_of_member();
        }
        if (!parser.finished() || (is_empty && lines.size() > 1)) return std::nullopt;
    }
    return count;
}

bool write_dictionary(std::span<const std::string_view> lines, BoundedText& out,
                      const CanonicalLimits& limits) {
    const std::optional<std::size_t> count = gather_members(lines, limits.members);
    if (!count) return false;
    for (std::size_t i = 0; i < *count; ++i) {
        if (i != 0) out.put(", ");
        out.put(limits.members[i].key);
        FieldParser parser(limits.members[i].rest);
        if (take_true(parser)) {
            if (!copy_parameters(parser, out, limits)) return false;
            continue;
        }
        out.put('=');
        if (!copy_member(parser, out, limits)) return false;
    }
    return true;
}

bool write_list(std::span<const std::string_view> lines, BoundedText& out,
                const CanonicalLimits& limits) {
    bool first = true;
    for (const std::string_view line : lines) {
        FieldParser parser(line);
        parser.start();
        bool is_empty = true;
        while (parser.more()) {
            is_empty = false;
            if (!first) out.put(", ");
            first = false;
            if (!copy_member(parser, out, limits)) return false;
        }
        if (!parser.finished() || (is_empty && lines.size() > 1)) return false;
    }
    return true;
}

bool write_item(std::span<const std::string_view> lines, BoundedText& out,
                const CanonicalLimits& limits) {
    if (lines.size() != 1) return false;
    FieldParser parser(lines[0]);
    parser.start();
    BareItem item;
    if (!parser.bare_item(item)) return false;
    write_bare_item(item, out);
    return copy_parameters(parser, out, limits) && parser.finished();
}

bool write_field(FieldType type, std::span<const std::string_view> lines, BoundedText& out,
                 const CanonicalLimits& limits) {
    switch (type) {
        case FieldType::item:
            return write_item(lines, out, limits);
        case FieldType::list:
            return write_list(lines, out, limits);
        case FieldType::dictionary:
            break;
    }
    if (!limits.members.empty()) return write_dictionary(lines, out, limits);
    std::array<DictionaryMember, 64> members;
    return write_dictionary(lines, out, CanonicalLimits{limits.parameters, members});
}

using Parameters = std::array<CanonicalParameter, 16>;

}  // namespace

bool write_canonical_field(FieldType type, std::span<const std::string_view> lines,
                           BoundedText& out, const CanonicalLimits& limits) {
    if (!limits.parameters.empty()) return write_field(type, lines, out, limits);
    Parameters parameters;
    return write_field(type, lines, out, CanonicalLimits{parameters, limits.members});
}

bool write_dictionary_member(std::string_view key, std::span<const std::string_view> lines,
                             BoundedText& out) {
    std::optional<std::string_view> found;
    for (const std::string_view line : lines) {
        FieldParser parser(line);
        parser.start();
        while (parser.more()) {
            std::string_view name;
            if (!parser.key(name)) return false;
            const std::string_view rest = parser.rest_of_member();
            if (name == key) found = rest;
        }
        if (!parser.finished()) return false;
    }
    if (!found) return false;
    Parameters parameters;
    const CanonicalLimits limits{parameters, {}};
    FieldParser parser(*found);
    if (!take_true(parser)) return copy_member(parser, out, limits);
    out.put("?1");
    return copy_parameters(parser, out, limits);
}

}  // namespace kwikgate::auth
