#include <array>

#include "auth/address_text.hpp"
#include "auth/ip_rules.hpp"
#include "gateway/config/parse.hpp"

namespace kwikgate::gateway {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

constexpr std::size_t kMaxAuthorities = 256;
constexpr std::string_view kUnixPrefix = "unix:";
/// Of sockaddr_un, without the byte that ends it.
constexpr std::size_t kLongestSocketPath = 107;

TextProblem admin_address_problem(std::string_view text) {
    if (text.empty()) return std::nullopt;
    if (!text.starts_with(kUnixPrefix)) return listen_address_problem(text);
    const std::size_t length = text.size() - kUnixPrefix.size();
    if (length == 0) return "names no socket after \"unix:\"";
    if (length > kLongestSocketPath) return "is longer than the 107 bytes of a socket's path";
    return std::nullopt;
}

void read_admin_authorities(ParseState& state, const Place& place, AdminConfig& admin) {
    read_texts(state.problems, place, authority_problem, kMaxAuthorities, admin.authorities);
}

using Admin = AdminConfig;
constexpr auto kAdminFields = std::to_array<Field<Admin>>({
    {"address",
     TextRule<Admin>{&Admin::address, admin_address_problem, "address:port, unix:path, or empty"}},
    {"certificate_file", PathRule<Admin>{&Admin::certificate_file, true}},
    {"authorities", CustomRule<Admin>{"list of hosts", "up to 256", read_admin_authorities}},
    {"open_metrics", FlagRule<Admin>{&Admin::open_metrics}},
    {"session_idle", DurationRule<Admin>{&Admin::session_idle, minutes(1), hours(24)}},
    {"session_lifetime", DurationRule<Admin>{&Admin::session_lifetime, minutes(1), hours(168)}},
    {"max_connections", CountRule<Admin, std::uint32_t>{&Admin::max_connections, 1, 10'000}},
});

TextProblem health_address_problem(std::string_view text) {
    return text.empty() ? std::nullopt : listen_address_problem(text);
}

using Health = HealthListenerConfig;
constexpr auto kHealthFields = std::to_array<Field<Health>>({
    {"address",
     TextRule<Health>{&Health::address, health_address_problem, "address:port, or empty"}},
    {"metrics", FlagRule<Health>{&Health::metrics}},
});

bool is_beyond_this_machine(const AdminConfig& admin) {
    const std::string& address = admin.address;
    if (address.empty() || admin.is_unix_socket()) return false;
    const auto parsed = auth::parse_address_text(address);
    return !parsed || !auth::is_loopback(parsed->address);
}

void check_admin(ParseState& state, const Place& place, const AdminConfig& admin) {
    if (is_beyond_this_machine(admin) && admin.certificate_file.empty())
        state.problems.add(place,
                           "\"address\" can be reached from other machines, so "
                           "\"certificate_file\" is needed",
                           "or listen at 127.0.0.1, [::1] or a unix socket");
    if (admin.session_idle > admin.session_lifetime)
        state.problems.add(place, "\"session_idle\" is more than \"session_lifetime\"");
}

}  // namespace

void read_admin(ParseState& state, const Place& place, Config& config) {
    const bool was_sound = state.problems.empty();
    read_fields<Admin>(state, place, config.admin, kAdminFields);
    // A value that was refused left its default behind: nothing to hold against the others.
    if (was_sound == state.problems.empty()) check_admin(state, place, config.admin);
}

void describe_admin(const std::string& path, std::vector<ConfigKey>& keys) {
    describe_fields<Admin>(path + ".", kAdminFields, keys);
}

void read_health_listener(ParseState& state, const Place& place, Config& config) {
    read_fields<Health>(state, place, config.health, kHealthFields);
}

void describe_health_listener(const std::string& path, std::vector<ConfigKey>& keys) {
    describe_fields<Health>(path + ".", kHealthFields, keys);
}

}  // namespace kwikgate::gateway
