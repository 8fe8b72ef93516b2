#pragma once

#include <algorithm>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "auth/vocabulary.hpp"

/// Requests to the admin listener and answers of it, without a socket or a Beast type.
namespace kwikgate::gateway::admin {

struct AdminRequest {
    std::string method;
    std::string target;
    std::string host;
    std::string origin;
    std::string fetch_site;  ///< Sec-Fetch-Site: what a browser says of where the call comes from.
    std::string authorization;
    std::string cookie;
    std::string page_key;  ///< X-Kwikgate-Page-Key: the half of a session that the page keeps.
    std::string content_type;
    std::string if_match;
    std::string accept_encoding;
    std::string body;
    auth::IpAddress peer;        ///< All zero for a unix socket.
    bool is_local_peer = false;  ///< On this machine.
    bool is_forwarded = false;   ///< By a proxy, as far as the message shows it.
    bool is_tls = false;
};

struct AdminResponse {
    unsigned status = 200;
    std::string content_type = "application/json";
    std::string body;
    std::vector<std::pair<std::string, std::string>> fields;
    bool holds_secret = false;  ///< The body is wiped once it is sent.
    bool is_for_known = false;  ///< The caller proved who it is: its connection keeps its place.

    void set(std::string name, std::string value) {
        fields.emplace_back(std::move(name), std::move(value));
    }
    bool has(std::string_view name) const {
        return std::any_of(fields.begin(), fields.end(),
                           [&](const auto& field) { return field.first == name; });
    }
};

/// Answers one request: calls its second argument once, perhaps later and from another thread.
using Handler =
    std::function<void(const AdminRequest& request, const std::function<void(AdminResponse)>&)>;

/// 200 with a JSON body.
AdminResponse json_response(std::string body);

/// An error as RFC 9457 has it, with `code` beside: what scripts look at. `detail` is a sentence.
AdminResponse problem(unsigned status, std::string_view code, std::string_view detail);

}  // namespace kwikgate::gateway::admin
