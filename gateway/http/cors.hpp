#pragma once

#include <string>
#include <string_view>

#include "auth/request_view.hpp"

/// Answers to browsers of other origins (the Fetch standard's CORS protocol), for routes that take
/// the PUBLIC_KEY. No credential of the browser's own (cookie, client certificate) is ever let in
/// by them, so the origin is told to any page; whether a token may be used from it is the
/// authoriser's to say. **Cost**: off the path of all other routes.
namespace kwikgate::gateway::http {

/// The method that a preflight asks about; empty when the request is no preflight.
std::string_view preflight_method(const auth::RequestView& request);

/// True for fields that only the gateway sets on such a route, whatever the upstream says.
bool is_cors_field(std::string_view name);

/// The fields that let a page of that origin read the answer.
void append_cors_fields(std::string_view origin, std::string& out);

struct PreflightReply {
    std::string_view origin;
    std::string_view method;  ///< The one that was asked about.
    std::string_view request_id;
    bool keep_alive = false;
    std::string_view date = {};
};

/// Appends a whole 204 that lets the request follow.
void write_preflight_reply(const PreflightReply& reply, std::string& out);

}  // namespace kwikgate::gateway::http
