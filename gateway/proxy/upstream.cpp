#include "gateway/proxy/upstream.hpp"

#include <netdb.h>
#include <cstring>
#include <fstream>
#include <memory>
#include <span>

#include "auth/base64.hpp"
#include "auth/secret.hpp"

namespace kwikgate::gateway::proxy {
namespace {

std::string resolve_server(const std::string& url, ServerEndpoint& out) {
    constexpr std::string_view kPrefix = "http://";
    if (url.rfind(kPrefix, 0) != 0) return "upstream server " + url + ": only http:// is supported";
    out.name = url.substr(kPrefix.size());
    if (!out.name.empty() && out.name.back() == '/') out.name.pop_back();
    const std::size_t colon = out.name.rfind(':');
    const bool has_port =
        colon != std::string::npos && out.name.find(']', colon) == std::string::npos;
    std::string host = has_port ? out.name.substr(0, colon) : out.name;
    const std::string port = has_port ? out.name.substr(colon + 1) : "80";
    if (host.size() >= 2 && host.front() == '[') host = host.substr(1, host.size() - 2);
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_NUMERICSERV;
    addrinfo* found = nullptr;
    const int error = ::getaddrinfo(host.c_str(), port.c_str(), &hints, &found);
    if (error != 0)
        return "upstream server " + url + " cannot be resolved: " + ::gai_strerror(error);
    const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owner(found, ::freeaddrinfo);
    std::memcpy(&out.address, found->ai_addr, found->ai_addrlen);
    out.address_length = found->ai_addrlen;
    return {};
}

std::string read_replacement(const UpstreamConfig& config, std::string& authorization) {
    std::ifstream file(config.credentials_file);
    std::string credentials;
    if (!file || !std::getline(file, credentials) || credentials.empty())
        return "upstream " + config.name + ": cannot read credentials from " +
               config.credentials_file.string();
    const std::span<const char> bytes(credentials);
    authorization =
        "Basic " +
        auth::encode_base64({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
    auth::wipe(credentials.data(), credentials.size());
    return {};
}

}  // namespace

std::string resolve(const UpstreamConfig& config, Upstream& out) {
    out.config = config;
    for (const std::string& url : config.servers) {
        ServerEndpoint endpoint;
        if (auto error = resolve_server(url, endpoint); !error.empty()) return error;
        out.servers.push_back(std::move(endpoint));
    }
    if (config.credentials == CredentialHandling::replace)
        return read_replacement(config, out.replacement_authorization);
    return {};
}

}  // namespace kwikgate::gateway::proxy
