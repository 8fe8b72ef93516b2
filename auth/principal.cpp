#include "auth/principal.hpp"

namespace kwikgate::auth {

void Principal::assign(const store::TokenView& view, const IpAddress& client,
                       std::string_view origin) {
    number = view.number;
    id.assign(view.id);
    account.assign(view.account);
    status = view.status;
    environment = view.environment;
    readable = view.readable;
    writable = view.writable;
    expires_at = view.expires_at;
    rate = view.rate;
    max_concurrent = view.max_concurrent;
    imported_at = view.imported_at;
    require_signature = view.require_signature;
    require_form_signature = view.require_form_signature;
    debug = view.debug;
    address_allowed = view.allows_address(client);
    origin_allowed = view.allows_origin(origin);
    scheme = Scheme::basic;
    secret_generation = 0;
}

namespace {

Decision check_status(const Principal& principal, const RouteRequirement& route, Timestamp now) {
    if (principal.status != TokenStatus::live)
        return Decision::refuse(Reason::token_disabled, Phase::status);
    if (principal.expires_at && now >= *principal.expires_at)
        return Decision::refuse(Reason::token_expired, Phase::status);
    const bool needs_signature = principal.require_signature && principal.scheme == Scheme::basic;
    if (needs_signature || !route.schemes.contains(principal.scheme))
        return Decision::refuse(Reason::scheme_not_allowed, Phase::status);
    return {};
}

Decision check_address(const Principal& principal) {
    if (!principal.address_allowed)
        return Decision::refuse(Reason::address_not_allowed, Phase::address);
    // Only a browser sends the public key; a server that sends an Origin is none of our business.
    if (principal.scheme == Scheme::public_key && !principal.origin_allowed)
        return Decision::refuse(Reason::origin_not_allowed, Phase::address);
    return {};
}

Decision check_section(const Principal& principal, const RouteRequirement& route) {
    if (route.section && !principal.readable.contains(*route.section))
        return Decision::refuse(Reason::section_not_granted, Phase::section);
    if (route.access == Access::read) return {};
    // A route without a section that writes: a read-only token never writes, whatever it is.
    const bool may_write =
        route.section ? principal.writable.contains(*route.section) : !principal.writable.empty();
    if (!may_write) return Decision::refuse(Reason::write_not_granted, Phase::permission);
    return {};
}

}  // namespace

Decision authorize(const Principal& principal, const RouteRequirement& route, Timestamp now) {
    if (const Decision d = check_status(principal, route, now); !d.allowed()) return d;
    if (const Decision d = check_address(principal); !d.allowed()) return d;
    if (route.environment && principal.environment != *route.environment)
        return Decision::refuse(Reason::environment_not_allowed, Phase::environment);
    return check_section(principal, route);
}

}  // namespace kwikgate::auth
