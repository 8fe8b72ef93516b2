#include "gateway/net/environment.hpp"

#include <cstdlib>

#include "auth/ascii.hpp"

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
    return auth::read_decimal(text, value) ? std::optional(value) : std::nullopt;
}

}  // namespace kwikgate::gateway::net
