#include <array>

#include "gateway/config/parse.hpp"

namespace kwikgate::gateway {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

constexpr std::size_t kMaxUpstreams = 256;
constexpr std::size_t kMaxServers = 256;
constexpr milliseconds kShortest{10};
static_assert(static_cast<std::size_t>(CredentialHandling::strip) == 0 &&
              static_cast<std::size_t>(CredentialHandling::replace) == 1 &&
              static_cast<std::size_t>(CredentialHandling::pass) == 2);

TextProblem host_problem(std::string_view text) {
    return text.empty() ? std::nullopt : authority_problem(text);
}

void read_servers(ParseState& state, const Place& place, UpstreamConfig& upstream) {
    read_texts(state.problems, place, server_url_problem, kMaxServers, upstream.servers);
    if (place.value->kind == JsonKind::array && place.value->items.empty())
        state.problems.add(place, "must name at least one server");
}

void read_credentials(ParseState& state, const Place& place, UpstreamConfig& upstream) {
    const std::size_t index = read_choice(state.problems, place, kCredentialHandling);
    if (index < kCredentialHandling.size())
        upstream.credentials = static_cast<CredentialHandling>(index);
}

using Health = HealthConfig;
constexpr auto kHealthFields = std::to_array<Field<Health>>({
    {"path", TextRule<Health>{&Health::path, health_path_problem, "starts with /, or empty"}},
    {"interval", DurationRule<Health>{&Health::interval, kShortest, hours(1)}},
    {"timeout", DurationRule<Health>{&Health::timeout, kShortest, minutes(5)}},
    {"healthy_after", CountRule<Health, std::uint32_t>{&Health::healthy_after, 1, 100}},
    {"unhealthy_after", CountRule<Health, std::uint32_t>{&Health::unhealthy_after, 1, 100}},
    {"eject_after_failures",
     CountRule<Health, std::uint32_t>{&Health::eject_after_failures, 1, 1000}},
    {"eject_for", DurationRule<Health>{&Health::eject_for, kShortest, hours(1)}},
});

void read_health(ParseState& state, const Place& place, UpstreamConfig& upstream) {
    read_fields<Health>(state, place, upstream.health, kHealthFields);
    if (!upstream.health.path.empty() && upstream.health.timeout > upstream.health.interval)
        state.problems.add(place, "\"timeout\" is longer than \"interval\"");
}

void describe_health(const std::string& path, std::vector<ConfigKey>& keys) {
    describe_fields<Health>(path + ".", kHealthFields, keys);
}

using Tls = UpstreamTlsConfig;
constexpr auto kTlsFields = std::to_array<Field<Tls>>({
    {"ca_file", PathRule<Tls>{&Tls::ca_file, true}},
    {"server_name", TextRule<Tls>{&Tls::server_name, host_problem, "a host, or empty"}},
    {"certificate_file", PathRule<Tls>{&Tls::certificate_file, true}},
    {"min_version", CustomRule<Tls>{"string", "1.2, 1.3", read_tls_version<Tls>}},
});

void read_tls(ParseState& state, const Place& place, UpstreamConfig& upstream) {
    read_fields<Tls>(state, place, upstream.tls, kTlsFields);
}

void describe_tls(const std::string& path, std::vector<ConfigKey>& keys) {
    describe_fields<Tls>(path + ".", kTlsFields, keys);
}

using Up = UpstreamConfig;
constexpr auto kUpstreamFields = std::to_array<Field<Up>>({
    {"servers", CustomRule<Up>{"list of URLs", "1 to 256", read_servers}, true},
    {"host", TextRule<Up>{&Up::host, host_problem, "a host, or empty"}},
    {"connect_timeout", DurationRule<Up>{&Up::connect_timeout, kShortest, minutes(5)}},
    {"response_timeout", DurationRule<Up>{&Up::response_timeout, kShortest, hours(1)}},
    {"idle_timeout", DurationRule<Up>{&Up::idle_timeout, kShortest, hours(1)}},
    {"keep_alive", DurationRule<Up>{&Up::keep_alive, kShortest, hours(1)}},
    {"resolve_interval", DurationRule<Up>{&Up::resolve_interval, milliseconds(0), hours(24)}},
    {"max_connections", CountRule<Up, std::size_t>{&Up::max_connections, 1, 100'000}},
    {"max_idle_connections", CountRule<Up, std::size_t>{&Up::max_idle_connections, 0, 100'000}},
    {"max_pending", CountRule<Up, std::size_t>{&Up::max_pending, 0, 1'000'000}},
    {"token_share", CountRule<Up, std::uint32_t>{&Up::token_share, 1, 100}},
    {"reuse_bodyless", FlagRule<Up>{&Up::reuse_bodyless}},
    {"retries", CountRule<Up, std::uint32_t>{&Up::retries, 0, 10}},
    {"credentials", CustomRule<Up>{"string", "strip, replace, pass", read_credentials}},
    {"credentials_file", PathRule<Up>{&Up::credentials_file, true}},
    {"identity_key_file", PathRule<Up>{&Up::identity_key_file, true}},
    {"via", TextRule<Up>{&Up::via, via_problem, "a word, or empty"}},
    {"tls", CustomRule<Up>{"object", "", read_tls, describe_tls}},
    {"health", CustomRule<Up>{"object", "", read_health, describe_health}},
});

void check_upstream(ParseState& state, const Place& place, const UpstreamConfig& upstream) {
    if (upstream.max_idle_connections > upstream.max_connections) {
        state.problems.add(place, "\"max_idle_connections\" is more than \"max_connections\"",
                           "the default of max_idle_connections is 128");
    }
    const bool is_replaced = upstream.credentials == CredentialHandling::replace;
    const bool has_file = !upstream.credentials_file.empty();
    if (is_replaced && !has_file)
        state.problems.add(place,
                           "\"credentials\" is replace, but \"credentials_file\" is missing");
    if (!is_replaced && has_file && place.value->find("credentials_file") != nullptr)
        state.problems.add(place,
                           "\"credentials_file\" has a use only where \"credentials\" is replace");
}

}  // namespace

void read_upstreams(ParseState& state, const Place& place, Config& config) {
    if (!expect_kind(state.problems, place, JsonKind::object)) return;
    const std::size_t count = place.value->members.size();
    if (count == 0 || count > kMaxUpstreams) {
        state.problems.add(place, "must hold 1 to 256 upstreams");
        return;
    }
    for (const JsonMember& member : place.value->members) {
        const Place inner = place.member(member);
        const TextProblem problem = name_problem(member.name);
        if (problem)
            state.problems.add_at(*place.source, member.offset, inner.pointer,
                                  "the name of an upstream " + *problem);
        if (place.value->find(member.name) != &member.value) continue;  // Twice: told already.
        UpstreamConfig& upstream = config.upstreams.emplace_back();
        upstream.name = member.name;
        read_fields<UpstreamConfig>(state, inner, upstream, kUpstreamFields);
        if (inner.value->kind == JsonKind::object) check_upstream(state, inner, upstream);
    }
}

void describe_upstreams(const std::string& path, std::vector<ConfigKey>& keys) {
    describe_fields<UpstreamConfig>(path + ".*.", kUpstreamFields, keys);
}

}  // namespace kwikgate::gateway
