#include "gateway/http/folded_names.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

#include "auth/signature/signature_base.hpp"
#include "auth/text_hash.hpp"
#include "gateway/http/char_class.hpp"
#include "gateway/http/header_rules.hpp"

namespace kwikgate::gateway::http {
namespace {

using auth::FieldLine;
using auth::FieldName;

char fold(char c) {
    return is_class(c, kAlphanumeric) ? to_lower(c) : '-';
}

std::uint64_t folded_hash(std::string_view name) {
    std::uint64_t hash = name.size();
    while (!name.empty()) {
        std::array<char, 8> block{};
        const std::size_t size = std::min(name.size(), block.size());
        std::transform(name.begin(), name.begin() + static_cast<std::ptrdiff_t>(size),
                       block.begin(), fold);
        hash = auth::mix_hash(hash, auth::load_word({block.data(), block.size()}));
        name.remove_prefix(size);
    }
    return hash;
}

/// What happens to the field of the name that an upstream would make of this one.
bool reaches_upstream(const FieldLine& line) {
    const FieldName known =
        line.known != FieldName::other ? line.known : known_by_folding(line.name);
    const FieldFate fate = judge_request_field({line.name, {}, known});
    return fate == FieldFate::forward || fate == FieldFate::keep;
}

struct FoldedName {
    std::uint64_t hash;
    std::uint16_t line;
};

}  // namespace

bool folds_to_prefix(std::string_view name, std::string_view prefix) {
    if (name.size() < prefix.size()) return false;
    for (std::size_t i = 0; i < prefix.size(); ++i)
        if (fold(name[i]) != prefix[i]) return false;
    return true;
}

bool folds_to(std::string_view name, std::string_view folded) {
    return name.size() == folded.size() && folds_to_prefix(name, folded);
}

bool is_plain_name(std::string_view name) {
    return std::all_of(name.begin(), name.end(),
                       [](char c) { return c == '-' || is_class(c, kAlphanumeric); });
}

FieldName known_by_folding(std::string_view name) {
    constexpr std::size_t kLongestKnown = 32;
    if (name.size() > kLongestKnown || is_plain_name(name)) return FieldName::other;
    std::array<char, kLongestKnown> folded{};
    std::transform(name.begin(), name.end(), folded.begin(), fold);
    return auth::field_name({folded.data(), name.size()});
}

bool has_twins(std::span<const FieldLine> fields) {
    if (fields.size() > auth::kMaxFieldLines) return true;  // No parser lets so many pass.
    std::array<FoldedName, auth::kMaxFieldLines> names;
    std::size_t count = 0;
    for (std::size_t i = 0; i < fields.size(); ++i)
        if (reaches_upstream(fields[i]))
            names[count++] = {folded_hash(fields[i].name), static_cast<std::uint16_t>(i)};
    const auto end = names.begin() + static_cast<std::ptrdiff_t>(count);
    std::sort(names.begin(), end,
              [](const FoldedName& a, const FoldedName& b) { return a.hash < b.hash; });
    // Neighbours are enough: where all of one hash are alike, each is like the next. Two names that
    // share a hash without folding into one are somebody's work, and refused with the others.
    return std::adjacent_find(names.begin(), end, [&](const FoldedName& a, const FoldedName& b) {
               return a.hash == b.hash &&
                      !equal_ignoring_case(fields[a.line].name, fields[b.line].name);
           }) != end;
}

}  // namespace kwikgate::gateway::http
