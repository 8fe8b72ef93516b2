#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

#include "gateway/config/keys.hpp"
#include "gateway/config/source.hpp"
#include "gateway/config/text_rules.hpp"

/// A section of the configuration is a table: a key, where its value goes, what it may be. The same
/// tables read files and list all keys (`config_keys`), so neither can forget one.
namespace kwikgate::gateway {

struct ParseState;

template <class S>
struct DurationRule {
    std::chrono::milliseconds S::*member;
    std::chrono::milliseconds least;
    std::chrono::milliseconds most;
};
template <class S>
struct SizeRule {
    std::size_t S::*member;
    std::size_t least;
    std::size_t most;
};
template <class S, class Number>
struct CountRule {
    Number S::*member;
    Number least;
    Number most;
};
template <class S>
struct FlagRule {
    bool S::*member;
};
template <class S>
struct TextRule {
    std::string S::*member;
    TextProblem (*check)(std::string_view);
    std::string_view bounds;
};
template <class S>
struct PathRule {
    std::filesystem::path S::*member;
    bool may_be_empty = false;
};
/// Anything else: `read` does it all; `describe` lists the keys inside.
template <class S>
struct CustomRule {
    std::string_view type;
    std::string_view bounds;
    void (*read)(ParseState&, const Place&, S&);
    void (*describe)(const std::string& path, std::vector<ConfigKey>& keys) = nullptr;
};

template <class S>
struct Field {
    std::string_view key;
    std::variant<DurationRule<S>, SizeRule<S>, CountRule<S, std::uint32_t>,
                 CountRule<S, std::uint64_t>, FlagRule<S>, TextRule<S>, PathRule<S>, CustomRule<S>>
        rule;
    bool is_required = false;
};

// Values of one kind. False: a problem was added.
bool expect_kind(ProblemList& problems, const Place& place, JsonKind kind);
bool read_text(ProblemList& problems, const Place& place, std::string& out);
bool read_text(ProblemList& problems, const Place& place, std::string& out,
               TextProblem (*check)(std::string_view));
bool read_flag(ProblemList& problems, const Place& place, bool& out);
bool read_duration(ProblemList& problems, const Place& place, std::chrono::milliseconds least,
                   std::chrono::milliseconds most, std::chrono::milliseconds& out);
bool read_size(ProblemList& problems, const Place& place, std::size_t least, std::size_t most,
               std::size_t& out);
bool read_count(ProblemList& problems, const Place& place, std::uint64_t least, std::uint64_t most,
                std::uint64_t& out);
bool read_path(ProblemList& problems, const Place& place, bool may_be_empty,
               std::filesystem::path& out);
/// Index of the string among `names`; `names.size()` and a problem when it is none of them.
std::size_t read_choice(ProblemList& problems, const Place& place,
                        std::span<const std::string_view> names);
/// A list of strings, each checked, none twice.
void read_texts(ProblemList& problems, const Place& place, TextProblem (*check)(std::string_view),
                std::size_t most, std::vector<std::string>& out);
void report_unknown(ProblemList& problems, const Place& object, const JsonMember& member,
                    std::span<const std::string_view> known);
void report_missing(ProblemList& problems, const Place& object, std::string_view key);

std::string duration_bounds(std::chrono::milliseconds least, std::chrono::milliseconds most);
std::string size_bounds(std::size_t least, std::size_t most);
std::string count_bounds(std::uint64_t least, std::uint64_t most);

ProblemList& problems_of(ParseState& state);

template <class S>
void read_field(ParseState& state, const Place& place, S& out, const Field<S>& field) {
    ProblemList& problems = problems_of(state);
    std::visit(
        [&](const auto& rule) {
            using Rule = std::decay_t<decltype(rule)>;
            if constexpr (std::is_same_v<Rule, DurationRule<S>>) {
                read_duration(problems, place, rule.least, rule.most, out.*rule.member);
            } else if constexpr (std::is_same_v<Rule, SizeRule<S>>) {
                read_size(problems, place, rule.least, rule.most, out.*rule.member);
            } else if constexpr (std::is_same_v<Rule, FlagRule<S>>) {
                read_flag(problems, place, out.*rule.member);
            } else if constexpr (std::is_same_v<Rule, TextRule<S>>) {
                read_text(problems, place, out.*rule.member, rule.check);
            } else if constexpr (std::is_same_v<Rule, PathRule<S>>) {
                read_path(problems, place, rule.may_be_empty, out.*rule.member);
            } else if constexpr (std::is_same_v<Rule, CustomRule<S>>) {
                rule.read(state, place, out);
            } else {
                std::uint64_t number = 0;
                if (read_count(problems, place, rule.least, rule.most, number))
                    out.*rule.member =
                        static_cast<std::decay_t<decltype(out.*rule.member)>>(number);
            }
        },
        field.rule);
}

/// Fills `out` from the object at `place`: every member by its row, in file order; then what is
/// missing. A member that stands twice was reported with the text; its first value counts.
template <class S>
void read_fields(ParseState& state, const Place& place, S& out,
                 std::type_identity_t<std::span<const Field<S>>> table) {
    if (!expect_kind(problems_of(state), place, JsonKind::object)) return;
    std::vector<bool> seen(table.size(), false);
    for (const JsonMember& member : place.value->members) {
        const auto field = std::find_if(table.begin(), table.end(), [&](const Field<S>& row) {
            return row.key == member.name;
        });
        if (field == table.end()) {
            std::vector<std::string_view> known;
            for (const Field<S>& row : table) known.push_back(row.key);
            report_unknown(problems_of(state), place, member, known);
            continue;
        }
        const auto index = static_cast<std::size_t>(field - table.begin());
        if (seen[index]) continue;
        seen[index] = true;
        read_field(state, place.member(member), out, *field);
    }
    for (std::size_t i = 0; i < table.size(); ++i)
        if (table[i].is_required && !seen[i])
            report_missing(problems_of(state), place, table[i].key);
}

template <class S>
ConfigKey describe_field(const std::string& path, const Field<S>& field) {
    ConfigKey key{path, {}, {}, field.is_required};
    std::visit(
        [&](const auto& rule) {
            using Rule = std::decay_t<decltype(rule)>;
            if constexpr (std::is_same_v<Rule, DurationRule<S>>) {
                key.type = "duration";
                key.bounds = duration_bounds(rule.least, rule.most);
            } else if constexpr (std::is_same_v<Rule, SizeRule<S>>) {
                key.type = "size";
                key.bounds = size_bounds(rule.least, rule.most);
            } else if constexpr (std::is_same_v<Rule, FlagRule<S>>) {
                key.type = "boolean";
            } else if constexpr (std::is_same_v<Rule, TextRule<S>>) {
                key.type = "string";
                key.bounds = rule.bounds;
            } else if constexpr (std::is_same_v<Rule, PathRule<S>>) {
                key.type = "path";
            } else if constexpr (std::is_same_v<Rule, CustomRule<S>>) {
                key.type = rule.type;
                key.bounds = rule.bounds;
            } else {
                key.type = "integer";
                key.bounds = count_bounds(rule.least, rule.most);
            }
        },
        field.rule);
    return key;
}

/// Lists the keys of a table and of what is inside them. `path` is "" or ends with '.'.
template <class S>
void describe_fields(const std::string& path, std::span<const Field<S>> table,
                     std::vector<ConfigKey>& keys) {
    for (const Field<S>& field : table) {
        keys.push_back(describe_field(path + std::string(field.key), field));
        const auto* custom = std::get_if<CustomRule<S>>(&field.rule);
        if (custom != nullptr && custom->describe != nullptr)
            custom->describe(path + std::string(field.key), keys);
    }
}

}  // namespace kwikgate::gateway
