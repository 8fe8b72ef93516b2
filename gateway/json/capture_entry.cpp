#include "gateway/json/capture_entry.hpp"

#include <simdjson.h>
#include <cstdint>

#include "auth/json_text.hpp"
#include "auth/time_text.hpp"

namespace kwikgate::gateway {
namespace {

/// Nothing where the line is not an entry: the last one may be cut off.
std::optional<CaptureEntry> read_entry(simdjson::dom::parser& parser, std::string_view line) {
    simdjson::dom::object object;
    if (parser.parse(line.data(), line.size()).get(object) != simdjson::SUCCESS) return {};
    CaptureEntry entry;
    const auto take = [&](const char* key, std::string& out) {
        std::string_view text;
        if (object[key].get(text) != simdjson::SUCCESS) return false;
        out = text;
        return true;
    };
    std::string time;
    std::uint64_t status = 0;
    std::uint64_t left_out = 0;
    const bool is_whole = take("time", time) && take("request_id", entry.request_id) &&
                          take("listener", entry.listener) && take("peer", entry.peer) &&
                          take("reason", entry.reason) && take("phase", entry.phase) &&
                          take("token", entry.token) && take("head", entry.head) &&
                          take("body_digest", entry.body_digest) &&
                          object["status"].get(status) == simdjson::SUCCESS &&
                          object["left_out"].get(left_out) == simdjson::SUCCESS;
    const auto at = auth::parse_timestamp(time);
    if (!is_whole || !at) return {};
    entry.at = *at;
    entry.status = static_cast<unsigned>(status);
    entry.left_out = static_cast<std::size_t>(left_out);
    return entry;
}

/// The last entry that `fits`, which is asked twice: of the line alone, then of the entry too.
template <class Fits>
std::optional<CaptureEntry> find_last(std::string_view lines, Fits fits) {
    simdjson::dom::parser parser;
    while (!lines.empty()) {
        if (lines.back() == '\n') lines.remove_suffix(1);
        const std::size_t start = lines.rfind('\n') + 1;  // npos + 1 is 0.
        const std::string_view line = lines.substr(start);
        lines = lines.substr(0, start);
        if (!fits(line, nullptr)) continue;
        if (auto entry = read_entry(parser, line); entry && fits(line, &*entry)) return entry;
    }
    return std::nullopt;
}

}  // namespace

std::string capture_line(const CaptureEntry& entry) {
    return auth::JsonObject()
               .text("time", auth::to_text(entry.at))
               .text("request_id", entry.request_id)
               .text("listener", entry.listener)
               .text("peer", entry.peer)
               .number("status", entry.status)
               .text("reason", entry.reason)
               .text("phase", entry.phase)
               .text("token", entry.token)
               .text("head", entry.head)
               .text("body_digest", entry.body_digest)
               .number("left_out", entry.left_out)
               .to_string() +
           "\n";
}

std::optional<CaptureEntry> find_capture(std::string_view lines, std::string_view request_id) {
    return find_last(lines, [request_id](std::string_view line, const CaptureEntry* entry) {
        return entry == nullptr ? line.find(request_id) != std::string_view::npos
                                : entry->request_id == request_id;
    });
}

std::optional<CaptureEntry> last_capture(std::string_view lines) {
    return find_last(lines, [](std::string_view, const CaptureEntry*) { return true; });
}

}  // namespace kwikgate::gateway
