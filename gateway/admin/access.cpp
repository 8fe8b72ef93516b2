#include "gateway/admin/access.hpp"

#include <algorithm>
#include <chrono>

#include "auth/admin_key.hpp"
#include "auth/ascii.hpp"
#include "auth/authority.hpp"
#include "auth/ip_rules.hpp"
#include "gateway/telemetry/log.hpp"

namespace kwikgate::gateway::admin {
namespace {

AddressLimitConfig failure_limit() {
    AddressLimitConfig config;
    config.failures_per_minute = Access::kFailuresPerMinute;
    config.burst = Access::kFailureBurst;
    config.table_entries = 1024;
    return config;
}

std::uint64_t steady_nanoseconds() {
    return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(
                                          std::chrono::steady_clock::now().time_since_epoch())
                                          .count());
}

/// The value of one cookie; empty when there is none or more than one.
std::string_view cookie_value(std::string_view cookies, std::string_view name) {
    std::string_view found;
    while (!cookies.empty()) {
        const std::size_t end = std::min(cookies.find(';'), cookies.size());
        std::string_view pair = cookies.substr(0, end);
        cookies.remove_prefix(std::min(end + 1, cookies.size()));
        pair.remove_prefix(std::min(pair.find_first_not_of(' '), pair.size()));
        if (!pair.starts_with(name) || pair.substr(name.size(), 1) != "=") continue;
        if (!found.empty()) return {};
        found = pair.substr(name.size() + 1);
    }
    return found;
}

bool is_safe(std::string_view method) {
    return method == "GET" || method == "HEAD";
}

Caller caller_of(const store::AdminKeyRecord& record) {
    return {record.id, record.name, record.role == "admin" ? Role::admin : Role::viewer, {}};
}

AdminResponse store_failed(const boost::system::error_code& error) {
    return problem(503, "store_unavailable", error.message());
}

/// All admin keys, or the refusal.
std::variant<std::vector<store::AdminKeyRecord>, AdminResponse> read_keys(store::Reader& reader) {
    const auto snapshot = reader.snapshot();
    if (!snapshot) return store_failed(snapshot.error());
    auto keys = snapshot->admin_keys();
    if (!keys) return store_failed(keys.error());
    return std::move(*keys);
}

const store::AdminKeyRecord* find_id(const std::vector<store::AdminKeyRecord>& keys,
                                     std::string_view id) {
    for (const store::AdminKeyRecord& record : keys)
        if (record.id == id) return &record;
    return nullptr;
}

}  // namespace

std::string_view to_token(Role role) {
    switch (role) {
        case Role::nobody:
            return "nobody";
        case Role::viewer:
            return "viewer";
        case Role::admin:
            return "admin";
    }
    return "nobody";
}

bool is_same_origin(const AdminRequest& request) {
    if (!request.fetch_site.empty() && request.fetch_site != "same-origin") return false;
    const std::string expected = (request.is_tls ? "https://" : "http://") + request.host;
    return auth::equal_ignoring_case(request.origin, expected);
}

Access::Access(const AdminConfig& config, const auth::MasterKey& key, store::Timestamp started_at)
    : config_(config),
      sessions_(config.session_idle, config.session_lifetime),
      tickets_(key, started_at),
      failures_(failure_limit()) {}

bool Access::is_address_or_localhost(std::string_view host) {
    const auto given = auth::parse_authority(host);
    if (!given) return false;
    const std::string_view name = auth::without_trailing_dot(given->host);
    return auth::equal_ignoring_case(name, "localhost") || auth::parse_ip(name).has_value();
}

bool Access::is_own_host(std::string_view host) const {
    const auto given = auth::parse_authority(host);
    if (!given) return false;
    if (is_address_or_localhost(host)) return true;
    // One that is configured without a port is served at every port.
    return std::any_of(
        config_.authorities.begin(), config_.authorities.end(), [&](const std::string& text) {
            const auto known = auth::parse_authority(text);
            const std::string_view scheme = config_.certificate_file.empty() ? "http" : "https";
            return known && (known->port.empty() ? auth::is_same_host(*known, *given)
                                                 : auth::is_same_authority(*known, *given, scheme));
        });
}

/// `answer`, counted against the caller's address; 429 when there were too many.
AdminResponse Access::refuse(const AdminRequest& request, AdminResponse answer) {
    const std::uint64_t now = steady_nanoseconds();
    const RateVerdict verdict = failures_.check(request.peer, now);
    if (!verdict.allowed) {
        AdminResponse response = problem(429, "too_many_failures",
                                         "Too many wrong keys from this address; wait a moment.");
        response.set("Retry-After",
                     std::to_string(std::max<std::uint32_t>(1, verdict.retry_after_seconds)));
        return response;
    }
    failures_.record_failure(request.peer, now);
    log_warn("admin: a wrong key or link from " + (request.peer == auth::IpAddress{}
                                                       ? std::string("the unix socket")
                                                       : auth::to_text(request.peer)));
    return answer;
}

AdminResponse Access::refuse_key(const AdminRequest& request) {
    AdminResponse response = problem(401, "key_invalid", "This is not an admin key of this store.");
    response.set("WWW-Authenticate", "Bearer realm=\"kwikgate admin\", error=\"invalid_token\"");
    return refuse(request, std::move(response));
}

Access::Found Access::by_key(const AdminRequest& request, std::string_view key,
                             store::Reader& reader) {
    const auto keys = read_keys(reader);
    if (const auto* failed = std::get_if<AdminResponse>(&keys)) return *failed;
    const auto* record = auth::find_admin_key(std::get<0>(keys), key);
    if (record == nullptr) return refuse_key(request);
    return caller_of(*record);
}

Access::Found Access::by_ticket(const AdminRequest& request, std::string_view ticket,
                                store::Reader& reader, store::Timestamp now) {
    const auto keys = read_keys(reader);
    if (const auto* failed = std::get_if<AdminResponse>(&keys)) return *failed;
    if (const auto key_id = tickets_.take(ticket, now))
        if (const auto* record = find_id(std::get<0>(keys), *key_id)) return caller_of(*record);
    return refuse(request, problem(401, "ticket_invalid",
                                   "This login link was used already, or is too old."));
}

Access::Found Access::by_session(const AdminRequest& request, std::string_view cookie,
                                 store::Reader& reader, store::Timestamp now) {
    const AdminResponse ended = problem(401, "session_ended", "The session ended; log in again.");
    if (request.page_key.empty())
        return problem(401, "page_key_missing",
                       "The cookie is one half of the session; send the other, page_key of the "
                       "login's answer, in X-Kwikgate-Page-Key.");
    const SessionHalves halves{cookie, request.page_key};
    const Sessions::Session* session = sessions_.find(halves, now);
    if (session == nullptr) return ended;
    if (!is_safe(request.method) && !is_same_origin(request))
        return problem(403, "cross_site_refused",
                       "With a session, changes are made from the console's own pages only.");
    const auto keys = read_keys(reader);
    if (const auto* failed = std::get_if<AdminResponse>(&keys)) return *failed;
    if (const auto* record = find_id(std::get<0>(keys), session->key_id)) {
        Caller caller = caller_of(*record);
        caller.session_expires_at = session->expires_at;
        return caller;
    }
    sessions_.close(halves);
    return ended;
}

Access::Found Access::identify(const AdminRequest& request, store::Reader& reader,
                               store::Timestamp now) {
    if (!request.authorization.empty()) {
        constexpr std::string_view kScheme = "bearer ";
        const std::string_view value = request.authorization;
        if (!auth::equal_ignoring_case(value.substr(0, kScheme.size()), kScheme))
            return refuse_key(request);
        return by_key(request, value.substr(kScheme.size()), reader);
    }
    const std::string_view session = cookie_value(request.cookie, kCookie);
    if (!session.empty()) return by_session(request, session, reader, now);
    AdminResponse response = problem(401, "key_missing", "Send an admin key as a bearer token.");
    response.set("WWW-Authenticate", "Bearer realm=\"kwikgate admin\"");
    return response;
}

Access::Found Access::log_in(const AdminRequest& request, const Login& login, store::Reader& reader,
                             store::Timestamp now, NewSession& opened) {
    // A page of somebody else must not log an admin in under its own key.
    if (!request.origin.empty() && !is_same_origin(request))
        return problem(403, "cross_site_refused", "Log in from the console's own page.");
    Found found = login.ticket.empty() ? by_key(request, login.key.expose(), reader)
                                       : by_ticket(request, login.ticket.expose(), reader, now);
    auto* caller = std::get_if<Caller>(&found);
    if (caller == nullptr) return found;
    Sessions::Opened session = sessions_.open(caller->key_id, now);
    if (session.cookie.empty())
        return problem(503, "crypto_failure", "The random generator failed; try again.");
    caller->session_expires_at = now + config_.session_lifetime;
    opened.set_cookie = std::string(kCookie) + "=" + std::string(session.cookie.expose()) +
                        "; Path=/; HttpOnly; SameSite=Strict" + (request.is_tls ? "; Secure" : "");
    opened.page_key = std::move(session.page);
    return found;
}

std::string Access::log_out(const AdminRequest& request) {
    const std::string_view session = cookie_value(request.cookie, kCookie);
    if (!session.empty()) sessions_.close({session, request.page_key});
    return std::string(kCookie) + "=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0" +
           (request.is_tls ? "; Secure" : "");
}

}  // namespace kwikgate::gateway::admin
