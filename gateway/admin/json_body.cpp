#include "gateway/admin/json_body.hpp"

#include "auth/json_text.hpp"
#include "auth/secret.hpp"
#include "gateway/http/content_type.hpp"
#include "gateway/http/json_check.hpp"
#include "gateway/json/fitting_json.hpp"

namespace kwikgate::gateway::admin {

JsonBody::~JsonBody() {
    auth::wipe(text_.data(), text_.size());
}

std::optional<AdminResponse> JsonBody::read(const AdminRequest& request,
                                            const ReadMember& read_member) {
    static const std::vector<std::string> json = {"application/json"};
    if (!http::media_type_is_one_of(request.content_type, json))
        return problem(415, "content_type_unsupported", "Send application/json.");
    text_ = simdjson::padded_string(request.body);
    simdjson::dom::element parsed;
    const auto error = parse_fitting(parser_, text_, LoneSurrogates::refuse, parsed);
    if (error == simdjson::STRING_ERROR && http::is_json(request.body))
        return problem(400, "body_invalid",
                       "The body holds half of a surrogate pair, which is no character.");
    if (error != simdjson::SUCCESS || parsed.get(object_) != simdjson::SUCCESS)
        return problem(400, "body_invalid", "The body is not a JSON object.");
    const auto problems = read_members(object_, read_member);
    if (!problems.empty()) return members_invalid(problems);
    return std::nullopt;
}

AdminResponse members_invalid(const std::vector<MemberProblem>& problems) {
    AdminResponse response =
        problem(422, "body_invalid", "The body has members that cannot be taken.");
    response.body.pop_back();
    response.body += ",\"errors\":" +
                     auth::json_array(problems,
                                      [](const MemberProblem& found) {
                                          return auth::JsonObject()
                                              .text("member", found.key)
                                              .text("message", found.message)
                                              .to_string();
                                      }) +
                     "}";
    return response;
}

}  // namespace kwikgate::gateway::admin
