#include "gateway/json/json_fields.hpp"

#include <algorithm>

#include "auth/time_text.hpp"
#include "gateway/json/utf8_text.hpp"

namespace kwikgate::gateway {

using simdjson::dom::element;

std::string MemberProblem::to_string() const {
    return key.empty() ? message : key + ": " + message;
}

std::vector<MemberProblem> read_members(const simdjson::dom::object& object,
                                        const ReadMember& read) {
    std::vector<MemberProblem> problems;
    std::vector<std::string_view> seen;
    for (const auto& [key, value] : object) {
        const std::string_view name = key;
        const bool is_repeated = std::find(seen.begin(), seen.end(), name) != seen.end();
        seen.push_back(name);
        if (is_repeated) {
            problems.push_back({std::string(name), "stands twice"});
            continue;
        }
        std::optional<FieldProblem> problem = read(name, value);
        if (!problem) {
            problems.push_back({"", "unknown key " + printable(truncated(name, 40))});
        } else if (!problem->empty()) {
            problems.push_back({std::string(name), std::move(*problem)});
        }
    }
    return problems;
}

std::optional<std::string_view> text_of(const element& value) {
    std::string_view text;
    if (value.get(text) != simdjson::SUCCESS) return std::nullopt;
    return text;
}

FieldProblem read_text(const element& value, std::optional<std::string>& out) {
    const auto text = text_of(value);
    if (!text) return "must be a string";
    out.emplace(*text);
    return {};
}

FieldProblem read_flag(const element& value, std::optional<bool>& out) {
    bool flag = false;
    if (value.get(flag) != simdjson::SUCCESS) return "must be true or false";
    out = flag;
    return {};
}

FieldProblem read_texts(const element& value, std::optional<std::vector<std::string>>& out) {
    simdjson::dom::array array;
    if (value.get(array) != simdjson::SUCCESS) return "must be an array of strings";
    out.emplace();
    for (const element item : array) {
        const auto text = text_of(item);
        if (!text) return "must be an array of strings";
        out->emplace_back(*text);
    }
    return {};
}

FieldProblem read_time(const element& value, std::optional<store::Timestamp>& out) {
    const auto text = text_of(value);
    if (text) out = auth::parse_timestamp(*text);
    return text && out ? FieldProblem() : "must be an RFC 3339 time such as 2027-01-31T00:00:00Z";
}

FieldProblem read_number(const element& value, std::uint32_t& out) {
    std::uint64_t number = 0;
    if (value.get(number) != simdjson::SUCCESS || number > UINT32_MAX) {
        return "must be a whole number";
    }
    out = static_cast<std::uint32_t>(number);
    return {};
}

}  // namespace kwikgate::gateway
