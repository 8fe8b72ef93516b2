#include <array>

#include "auth/ascii.hpp"
#include "gateway/config/parse.hpp"

namespace kwikgate::gateway {
namespace {

constexpr std::size_t kMaxListeners = 64;
constexpr std::size_t kMaxAuthorities = 256;
constexpr std::size_t kMaxCertificates = 256;
constexpr std::array<std::string_view, 2> kListenerSchemes = {"http", "https"};

void read_listener_scheme(ParseState& state, const Place& place, ListenerConfig& listener) {
    const std::size_t index = read_choice(state.problems, place, kListenerSchemes);
    if (index < kListenerSchemes.size()) listener.scheme = kListenerSchemes[index];
}

void read_authorities(ParseState& state, const Place& place, ListenerConfig& listener) {
    read_texts(state.problems, place, authority_problem, kMaxAuthorities, listener.authorities);
    // Host names know no case (RFC 9110, 4.2.3): compared in lower case.
    for (std::string& authority : listener.authorities) authority = auth::lower_case(authority);
}

void read_trusted_proxies(ParseState& state, const Place& place, ListenerConfig& listener) {
    read_ranges(state, place, listener.trusted_proxies);
}

void read_certificates(ParseState& state, const Place& place, ListenerTlsConfig& tls) {
    std::vector<std::string> files;
    read_texts(state.problems, place, not_empty_problem, kMaxCertificates, files);
    tls.certificates.assign(files.begin(), files.end());
}

void read_client_certificates(ParseState& state, const Place& place, ListenerTlsConfig& tls) {
    const std::size_t index = read_choice(state.problems, place, kClientCertificates);
    if (index < kClientCertificates.size())
        tls.client_certificates = static_cast<ClientCertificates>(index);
}

using Tls = ListenerTlsConfig;
constexpr auto kTlsFields = std::to_array<Field<Tls>>({
    {"certificates", CustomRule<Tls>{"list of paths", "up to 256", read_certificates}},
    {"min_version", CustomRule<Tls>{"string", "1.2, 1.3", read_tls_version<Tls>}},
    {"client_certificates",
     CustomRule<Tls>{"string", "none, optional, required", read_client_certificates}},
    {"client_ca_file", PathRule<Tls>{&Tls::client_ca_file, true}},
});

void read_tls(ParseState& state, const Place& place, ListenerConfig& listener) {
    read_fields<Tls>(state, place, listener.tls, kTlsFields);
    const bool asks = listener.tls.client_certificates != ClientCertificates::none;
    if (asks && !listener.tls.is_enabled())
        state.problems.add(place,
                           "\"client_certificates\" needs \"certificates\": without them the "
                           "listener does not speak TLS");
    if (asks && listener.tls.client_ca_file.empty())
        state.problems.add(place, "\"client_certificates\" needs \"client_ca_file\"");
    if (!asks && !listener.tls.client_ca_file.empty())
        state.problems.add(place,
                           "\"client_ca_file\" has a use only where \"client_certificates\" "
                           "asks for them");
}

void describe_tls(const std::string& path, std::vector<ConfigKey>& keys) {
    describe_fields<Tls>(path + ".", kTlsFields, keys);
}

constexpr auto kListenerFields = std::to_array<Field<ListenerConfig>>({
    {"name", TextRule<ListenerConfig>{&ListenerConfig::name, name_problem, "1 to 64 characters"}},
    {"address",
     TextRule<ListenerConfig>{&ListenerConfig::address, listen_address_problem, "address:port"}},
    {"scheme", CustomRule<ListenerConfig>{"string", "http, https", read_listener_scheme}},
    {"authorities", CustomRule<ListenerConfig>{"list of hosts", "up to 256", read_authorities}},
    {"trusted_proxies",
     CustomRule<ListenerConfig>{"list of addresses", "up to 1024", read_trusted_proxies}},
    {"forwarded_host", FlagRule<ListenerConfig>{&ListenerConfig::forwarded_host}},
    {"proxy_protocol", FlagRule<ListenerConfig>{&ListenerConfig::proxy_protocol}},
    {"tls", CustomRule<ListenerConfig>{"object", "", read_tls, describe_tls}},
});

void check_listener(ParseState& state, const Place& place, ListenerConfig& listener) {
    if (place.value->kind != JsonKind::object) return;
    if (listener.tls.is_enabled()) {
        const JsonValue* scheme = place.value->find("scheme");
        if (scheme != nullptr && scheme->text == "http")
            state.problems.add(place, "\"scheme\" is http, but the listener has \"certificates\"",
                               "leave \"scheme\" out: with TLS it is https");
        listener.scheme = "https";
    }
    if (listener.proxy_protocol && listener.trusted_proxies.empty())
        state.problems.add(place, "\"proxy_protocol\" needs \"trusted_proxies\"",
                           "only they may say whom a connection is from");
    if (listener.forwarded_host && listener.trusted_proxies.empty())
        state.problems.add(place, "\"forwarded_host\" needs \"trusted_proxies\"",
                           "only they may say which host a client asked for");
    if (listener.forwarded_host && listener.authorities.empty())
        state.problems.add(place, "\"forwarded_host\" needs \"authorities\"",
                           "many proxies pass on the X-Forwarded-Host of a client: list the hosts "
                           "that are served");
}

}  // namespace

void read_listeners(ParseState& state, const Place& place, Config& config) {
    if (!expect_kind(state.problems, place, JsonKind::array)) return;
    const std::size_t count = place.value->items.size();
    if (count == 0 || count > kMaxListeners) {
        state.problems.add(place, "must hold 1 to 64 listeners");
        return;
    }
    for (std::size_t i = 0; i < count; ++i) {
        state.listeners.push_back(place.item(i));
        ListenerConfig& listener = config.listeners.emplace_back();
        read_fields<ListenerConfig>(state, place.item(i), listener, kListenerFields);
        check_listener(state, place.item(i), listener);
    }
}

void describe_listeners(const std::string& path, std::vector<ConfigKey>& keys) {
    describe_fields<ListenerConfig>(path + "[].", kListenerFields, keys);
}

}  // namespace kwikgate::gateway
