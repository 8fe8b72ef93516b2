#include "gateway/cli/audit_text.hpp"

#include <simdjson.h>

#include "gateway/json/utf8_text.hpp"

namespace kwikgate::gateway::cli {
namespace {

constexpr std::size_t kChangeColumns = 80;

std::string without_quotes(std::string text) {
    if (text.size() >= 2 && text.front() == '"') return text.substr(1, text.size() - 2);
    return text;
}

/// Whom it is about, where something was made or is gone.
std::string subject(const std::string& settings) {
    simdjson::dom::parser parser;
    simdjson::dom::object object;
    if (parser.parse(settings).get(object) != simdjson::SUCCESS) return {};
    std::string out;
    for (const char* key : {"id", "name", "role"}) {
        std::string_view text;
        if (object[key].get(text) != simdjson::SUCCESS) continue;
        out += (out.empty() ? std::string() : "; ") + key + ": " + std::string(text);
    }
    return truncated(printable(out), kChangeColumns);
}

}  // namespace

std::string audit_change(const store::AuditEntry& entry) {
    if (entry.before.empty()) return subject(entry.after);
    if (entry.after.empty()) return subject(entry.before);
    simdjson::dom::parser before_parser;
    simdjson::dom::parser after_parser;
    simdjson::dom::object before;
    simdjson::dom::object after;
    if (before_parser.parse(entry.before).get(before) != simdjson::SUCCESS ||
        after_parser.parse(entry.after).get(after) != simdjson::SUCCESS) {
        return {};
    }
    std::string out;
    for (const auto& [key, value] : after) {
        // These change with every change.
        if (key == "updated_at" || key == "version") continue;
        simdjson::dom::element old;
        const bool was_set = before[key].get(old) == simdjson::SUCCESS;
        const std::string from = was_set ? simdjson::minify(old) : std::string("unset");
        const std::string to = simdjson::minify(value);
        if (from == to) continue;
        if (!out.empty()) out += "; ";
        out += std::string(key) + ": " + without_quotes(from) + " -> " + without_quotes(to);
    }
    return truncated(printable(out), kChangeColumns);
}

}  // namespace kwikgate::gateway::cli
