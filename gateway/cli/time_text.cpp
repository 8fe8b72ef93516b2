#include "gateway/cli/time_text.hpp"

#include <charconv>

#include "auth/time_text.hpp"

namespace kwikgate::gateway::cli {
namespace {

using std::chrono::seconds;

constexpr long long kMaxDuration = 10LL * 366 * 86400;

long long unit_seconds(std::string_view unit) {
    if (unit == "s") return 1;
    if (unit == "m") return 60;
    if (unit == "h") return 3600;
    if (unit == "d") return 86400;
    return 0;
}

}  // namespace

std::string to_minute(store::Timestamp time) {
    std::string text = auth::to_text(time).substr(0, 16);
    text[10] = ' ';
    return text;
}

std::optional<seconds> parse_duration(std::string_view text) {
    long long count = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
    if (error != std::errc{} || count < 0 || count > kMaxDuration) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    if (text.empty() && count == 0) return seconds{0};
    const long long unit = unit_seconds(text);
    if (unit == 0 || count * unit > kMaxDuration) return std::nullopt;
    return seconds{count * unit};
}

std::optional<store::Timestamp> parse_since(std::string_view text, store::Timestamp now) {
    if (const auto back = parse_duration(text)) return now - *back;
    return auth::parse_timestamp(text);
}

}  // namespace kwikgate::gateway::cli
