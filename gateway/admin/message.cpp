#include "gateway/admin/message.hpp"

#include "auth/json_text.hpp"
#include "gateway/http/status_phrase.hpp"

namespace kwikgate::gateway::admin {

AdminResponse json_response(std::string body) {
    AdminResponse response;
    response.body = std::move(body);
    return response;
}

AdminResponse problem(unsigned status, std::string_view code, std::string_view detail) {
    AdminResponse response;
    response.status = status;
    response.content_type = "application/problem+json";
    response.body = auth::JsonObject()
                        .text("type", "about:blank")
                        .text("title", http::status_phrase(status))
                        .number("status", status)
                        .text("code", code)
                        .text("detail", detail)
                        .to_string();
    return response;
}

}  // namespace kwikgate::gateway::admin
