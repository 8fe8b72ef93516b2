#include "gateway/net/environment.hpp"

#include <charconv>
#include <cstdlib>

namespace kwikgate::gateway::net {

std::string take_variable(const char* name) {
    // NOLINTNEXTLINE(concurrency-mt-unsafe): there is one thread yet.
    const char* value = std::getenv(name);
    std::string text = value == nullptr ? "" : value;
    ::unsetenv(name);  // NOLINT(concurrency-mt-unsafe)
    return text;
}

std::optional<std::int64_t> to_number(std::string_view text) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
}

}  // namespace kwikgate::gateway::net
