#include "gateway/config/parse.hpp"

namespace kwikgate::gateway {
namespace {

using std::chrono::minutes;

constexpr std::size_t kMostWaiting = 65'536;

using Tracing = TracingConfig;
constexpr auto kTracingFields = std::to_array<Field<Tracing>>({
    {"endpoint",
     TextRule<Tracing>{&Tracing::endpoint, collector_url_problem, "http or https URL, or empty"}},
    {"sample_per_million",
     CountRule<Tracing, std::uint32_t>{&Tracing::sample_per_million, 0, 1'000'000}},
    {"follow_proxies", FlagRule<Tracing>{&Tracing::follow_proxies}},
    {"service_name", TextRule<Tracing>{&Tracing::service_name, name_problem, "1 to 64 characters"}},
    {"headers_file", PathRule<Tracing>{&Tracing::headers_file, true}},
    {"ca_file", PathRule<Tracing>{&Tracing::ca_file, true}},
    {"interval", DurationRule<Tracing>{&Tracing::interval, milliseconds(100), minutes(1)}},
    {"timeout", DurationRule<Tracing>{&Tracing::timeout, milliseconds(100), minutes(1)}},
    {"queue", CountRule<Tracing, std::size_t>{&Tracing::queue, 64, kMostWaiting}},
});

void check_tracing(ParseState& state, const Place& place, const TracingConfig& tracing) {
    const bool is_plain = tracing.endpoint.starts_with("http://");
    if (is_plain && !tracing.headers_file.empty() && !is_loopback_url(tracing.endpoint))
        state.problems.add(place, "\"headers_file\" would be sent to another machine in the clear",
                           "use an https endpoint, or a collector on this machine");
    if (is_plain && !tracing.ca_file.empty())
        state.problems.add(place, "\"ca_file\" has a use only where \"endpoint\" is https");
}

}  // namespace

void read_tracing(ParseState& state, const Place& place, Config& config) {
    read_fields<Tracing>(state, place, config.tracing, kTracingFields);
    check_tracing(state, place, config.tracing);
}

void describe_tracing(const std::string& path, std::vector<ConfigKey>& keys) {
    describe_fields<Tracing>(path + ".", kTracingFields, keys);
}

}  // namespace kwikgate::gateway
