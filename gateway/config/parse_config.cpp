#include <array>

#include "auth/ip_rules.hpp"
#include "gateway/config/parse.hpp"

namespace kwikgate::gateway {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::size_t kKiB = std::size_t{1} << 10;
constexpr std::size_t kMiB = std::size_t{1} << 20;
constexpr std::size_t kTiB = std::size_t{1} << 40;
constexpr std::size_t kMaxRanges = 1024;
constexpr std::size_t kMaxRoutesFiles = 64;

constexpr std::array<std::string_view, 5> kLogLevels = {"trace", "debug", "info", "warn", "error"};

/// A section whose keys a table names.
template <auto Member, const auto& Table>
void read_section(ParseState& state, const Place& place, Config& config) {
    using Section = std::decay_t<decltype(config.*Member)>;
    read_fields<Section>(state, place, config.*Member, Table);
}
template <auto Member, const auto& Table>
void describe_section(const std::string& path, std::vector<ConfigKey>& keys) {
    using Section = std::decay_t<decltype(std::declval<Config&>().*Member)>;
    describe_fields<Section>(path + ".", Table, keys);
}

constexpr auto kStoreFields = std::to_array<Field<StoreConfig>>({
    {"path", PathRule<StoreConfig>{&StoreConfig::path}},
    {"master_key_file", PathRule<StoreConfig>{&StoreConfig::master_key_file}},
    {"map_size", SizeRule<StoreConfig>{&StoreConfig::map_bytes, kMiB, 16 * kTiB}},
    {"usage_flush_interval",
     DurationRule<StoreConfig>{&StoreConfig::usage_flush_interval, milliseconds(100), seconds(5)}},
});

using Limits = LimitsConfig;
constexpr auto kLimitsFields = std::to_array<Field<Limits>>({
    {"request_line", SizeRule<Limits>{&Limits::request_line_bytes, 256, 64 * kKiB}},
    {"header", SizeRule<Limits>{&Limits::header_bytes, kKiB, 256 * kKiB}},
    {"header_fields", CountRule<Limits, std::size_t>{&Limits::header_fields, 8, 1000}},
    {"body", SizeRule<Limits>{&Limits::body_bytes, 0, kTiB}},
    {"held_body", SizeRule<Limits>{&Limits::held_body_bytes, 0, 16 * kMiB}},
    {"response_header", SizeRule<Limits>{&Limits::response_header_bytes, kKiB, kMiB}},
    {"response_header_fields",
     CountRule<Limits, std::size_t>{&Limits::response_header_fields, 8, 2000}},
    {"connections_per_worker",
     CountRule<Limits, std::size_t>{&Limits::connections_per_worker, 1, 1'000'000}},
    {"connections_per_address",
     CountRule<Limits, std::size_t>{&Limits::connections_per_address, 0, 1'000'000}},
    {"requests_per_connection",
     CountRule<Limits, std::size_t>{&Limits::requests_per_connection, 1, 1'000'000'000}},
    {"relay_buffer", SizeRule<Limits>{&Limits::relay_buffer_bytes, 4 * kKiB, kMiB}},
    {"max_delay", DurationRule<Limits>{&Limits::max_delay, milliseconds(10), minutes(1)}},
    {"min_rate", SizeRule<Limits>{&Limits::min_rate_bytes, 0, kMiB}},
});

using Timeouts = TimeoutsConfig;
constexpr auto kTimeoutsFields = std::to_array<Field<Timeouts>>({
    {"header", DurationRule<Timeouts>{&Timeouts::header, milliseconds(10), minutes(10)}},
    {"body_idle", DurationRule<Timeouts>{&Timeouts::body_idle, milliseconds(10), hours(1)}},
    {"keep_alive", DurationRule<Timeouts>{&Timeouts::keep_alive, milliseconds(10), hours(24)}},
    {"write_idle", DurationRule<Timeouts>{&Timeouts::write_idle, milliseconds(10), hours(1)}},
    {"request", DurationRule<Timeouts>{&Timeouts::request, milliseconds(10), hours(24)}},
    {"drain", DurationRule<Timeouts>{&Timeouts::drain, milliseconds(0), hours(1)}},
    {"min_rate_after",
     DurationRule<Timeouts>{&Timeouts::min_rate_after, milliseconds(100), hours(1)}},
});

template <std::string EnvironmentsConfig::*Member, bool MayBeEmpty>
void read_environment(ParseState& state, const Place& place, EnvironmentsConfig& environments) {
    if (!read_text(state.problems, place, environments.*Member,
                   MayBeEmpty ? any_text_problem : not_empty_problem))
        return;
    if (!(environments.*Member).empty())
        state.upstream_uses.push_back({place, environments.*Member});
}

using Environments = EnvironmentsConfig;
constexpr auto kEnvironmentsFields = std::to_array<Field<Environments>>({
    {"live",
     CustomRule<Environments>{"string", "an upstream",
                              read_environment<&Environments::live, false>},
     true},
    {"test", CustomRule<Environments>{"string", "an upstream, or empty",
                                      read_environment<&Environments::test, true>}},
});

void read_sections(ParseState& state, const Place& place, Config& config) {
    read_texts(state.problems, place, slug_problem, store::kMaxSections, config.sections);
    if (place.value->kind != JsonKind::array) return;
    for (std::size_t i = 0; i < place.value->items.size(); ++i)
        state.section_names.push_back({place.item(i), place.value->items[i].text});
}

void read_routes_files(ParseState& state, const Place& place, Config&) {
    std::vector<std::string> files;
    read_texts(state.problems, place, not_empty_problem, kMaxRoutesFiles, files);
    if (place.value->kind != JsonKind::array) return;
    for (std::size_t i = 0; i < place.value->items.size(); ++i) {
        const std::string& text = place.value->items[i].text;
        const auto first = std::find(files.begin(), files.end(), text);
        if (first == files.end()) continue;  // Wrong, or named twice: told above.
        files.erase(first);
        state.routes_files.push_back({place.item(i), text});
    }
}

using RateLimits = RateLimitConfig;
constexpr auto kRateLimitFields = std::to_array<Field<RateLimits>>({
    {"requests_per_second",
     CountRule<RateLimits, std::uint32_t>{&RateLimits::requests_per_second, 1, 1'000'000}},
    {"burst", CountRule<RateLimits, std::uint32_t>{&RateLimits::burst, 1, 1'000'000}},
});

void read_exempt(ParseState& state, const Place& place, AddressLimitConfig& limit) {
    read_ranges(state, place, limit.exempt);
}

using AddressLimit = AddressLimitConfig;
constexpr auto kAddressLimitFields = std::to_array<Field<AddressLimit>>({
    {"enabled", FlagRule<AddressLimit>{&AddressLimit::enabled}},
    {"failures_per_minute",
     CountRule<AddressLimit, std::uint32_t>{&AddressLimit::failures_per_minute, 1, 6000}},
    {"burst", CountRule<AddressLimit, std::uint32_t>{&AddressLimit::burst, 1, 100'000}},
    {"table_entries",
     CountRule<AddressLimit, std::size_t>{&AddressLimit::table_entries, 8, std::size_t{1} << 24}},
    {"exempt", CustomRule<AddressLimit>{"list of addresses", "up to 1024", read_exempt}},
});

void read_covers(ParseState& state, const Place& place, SignatureConfig& signature) {
    constexpr std::size_t kMaxCovers = 16;
    read_texts(state.problems, place, covered_field_problem, kMaxCovers, signature.covers);
}

constexpr auto kSignatureFields = std::to_array<Field<SignatureConfig>>({
    {"max_age", DurationRule<SignatureConfig>{&SignatureConfig::max_age, seconds(1), hours(1)}},
    {"max_ahead",
     DurationRule<SignatureConfig>{&SignatureConfig::max_ahead, seconds(0), minutes(10)}},
    {"covers", CustomRule<SignatureConfig>{"list of field names", "up to 16", read_covers}},
});

void read_after_crash(ParseState& state, const Place& place, ReplayConfig& replay) {
    const std::size_t index = read_choice(state.problems, place, kAfterCrash);
    if (index < kAfterCrash.size()) replay.after_crash = static_cast<AfterCrash>(index);
}

constexpr auto kReplayFields = std::to_array<Field<ReplayConfig>>({
    {"entries", CountRule<ReplayConfig, std::size_t>{&ReplayConfig::entries, 1000, 100'000'000}},
    {"token_share", CountRule<ReplayConfig, std::uint32_t>{&ReplayConfig::token_share, 1, 100}},
    {"state_file", PathRule<ReplayConfig>{&ReplayConfig::state_file}},
    {"after_crash", CustomRule<ReplayConfig>{"string", "refuse_writes, accept", read_after_crash}},
});

void read_log_level(ParseState& state, const Place& place, LogConfig& log) {
    const std::size_t index = read_choice(state.problems, place, kLogLevels);
    if (index < kLogLevels.size()) log.level = kLogLevels[index];
}

constexpr auto kLogFields = std::to_array<Field<LogConfig>>({
    {"level", CustomRule<LogConfig>{"string", "trace, debug, info, warn, error", read_log_level}},
    {"destination",
     TextRule<LogConfig>{&LogConfig::destination, not_empty_problem, "stderr, or a file"}},
});

using Capture = DebugCaptureConfig;
constexpr auto kCaptureFields = std::to_array<Field<Capture>>({
    {"file", PathRule<Capture>{&Capture::file, true}},
    {"max_size", SizeRule<Capture>{&Capture::max_bytes, 64 * kKiB, kKiB* kMiB}},
    {"per_minute", CountRule<Capture, std::uint32_t>{&Capture::per_minute, 1, 6000}},
});

void read_capture(ParseState& state, const Place& place, AccessLogConfig& log) {
    read_fields<Capture>(state, place, log.debug_capture, kCaptureFields);
}
void describe_capture(const std::string& path, std::vector<ConfigKey>& keys) {
    describe_fields<Capture>(path + ".", kCaptureFields, keys);
}

constexpr auto kAccessLogFields = std::to_array<Field<AccessLogConfig>>({
    {"destination", TextRule<AccessLogConfig>{&AccessLogConfig::destination, not_empty_problem,
                                              "stdout, stderr, or a file"}},
    {"debug_capture", CustomRule<AccessLogConfig>{"object", "", read_capture, describe_capture}},
});

/// For editors and readers; means nothing to the gateway.
void ignore_text(ParseState& state, const Place& place, Config&) {
    expect_kind(state.problems, place, JsonKind::string);
}

void read_io_backend(ParseState& state, const Place& place, Config& config) {
    const std::size_t index = read_choice(state.problems, place, kIoBackends);
    if (index < kIoBackends.size()) config.io_backend = static_cast<IoBackend>(index);
}

template <auto Member, const auto& Table>
constexpr CustomRule<Config> section() {
    return {"object", "", read_section<Member, Table>, describe_section<Member, Table>};
}

constexpr auto kConfigFields = std::to_array<Field<Config>>({
    {"$schema", CustomRule<Config>{"string", "ignored", ignore_text}},
    {"workers", CountRule<Config, std::uint32_t>{&Config::workers, 0, 1024}},
    {"io_backend", CustomRule<Config>{"string", "automatic, io_uring, epoll", read_io_backend}},
    {"store", section<&Config::store, kStoreFields>()},
    {"listeners",
     CustomRule<Config>{"list of objects", "1 to 64", read_listeners, describe_listeners}, true},
    {"limits", section<&Config::limits, kLimitsFields>()},
    {"timeouts", section<&Config::timeouts, kTimeoutsFields>()},
    {"upstreams",
     CustomRule<Config>{"object of objects", "1 to 256", read_upstreams, describe_upstreams}, true},
    {"environments", section<&Config::environments, kEnvironmentsFields>(), true},
    {"sections", CustomRule<Config>{"list of slugs", "up to 118", read_sections}},
    {"routes", CustomRule<Config>{"list of objects", "up to 10000", read_routes, describe_routes}},
    {"routes_files", CustomRule<Config>{"list of paths", "up to 64", read_routes_files}},
    {"rate_limit", section<&Config::rate_limit, kRateLimitFields>()},
    {"address_limit", section<&Config::address_limit, kAddressLimitFields>()},
    {"signature", section<&Config::signature, kSignatureFields>()},
    {"replay", section<&Config::replay, kReplayFields>()},
    {"log", section<&Config::log, kLogFields>()},
    {"access_log", section<&Config::access_log, kAccessLogFields>()},
    {"tracing", CustomRule<Config>{"object", "", read_tracing, describe_tracing}},
    {"admin", CustomRule<Config>{"object", "", read_admin, describe_admin}},
    {"health", CustomRule<Config>{"object", "", read_health_listener, describe_health_listener}},
});

/// A routes file is a configuration with two keys.
constexpr auto kRoutesFileFields = std::to_array<Field<Config>>({
    {"$comment", CustomRule<Config>{"string", "ignored", ignore_text}},
    {"routes", CustomRule<Config>{"list of objects", "up to 10000", read_routes}, true},
});

}  // namespace

ProblemList& problems_of(ParseState& state) {
    return state.problems;
}

void parse_config(ParseState& state, const Place& root) {
    state.root = root;
    read_fields<Config>(state, root, state.config, kConfigFields);
}

void parse_routes_file(ParseState& state, const Place& root) {
    read_fields<Config>(state, root, state.config, kRoutesFileFields);
}

std::vector<ConfigKey> config_keys() {
    std::vector<ConfigKey> keys;
    describe_fields<Config>("", kConfigFields, keys);
    return keys;
}

void read_ranges(ParseState& state, const Place& place, std::vector<store::IpRange>& out) {
    if (!expect_kind(state.problems, place, JsonKind::array)) return;
    if (place.value->items.size() > kMaxRanges) {
        state.problems.add(place, "holds more than 1024 entries");
        return;
    }
    for (std::size_t i = 0; i < place.value->items.size(); ++i) {
        const Place item = place.item(i);
        std::string text;
        if (!read_text(state.problems, item, text)) continue;
        const auto range = auth::parse_ip_range(text);
        if (!range) {
            state.problems.add(item, "is not an IP address or a CIDR block",
                               "such as \"192.0.2.7\" or \"10.0.0.0/8\"");
        } else if (std::find(out.begin(), out.end(), *range) != out.end()) {
            state.problems.add(item, "stands in the list twice");
        } else {
            out.push_back(*range);
        }
    }
}

}  // namespace kwikgate::gateway
