#pragma once

#include <simdjson.h>

#include <optional>

#include "gateway/admin/message.hpp"
#include "gateway/json/json_fields.hpp"

namespace kwikgate::gateway::admin {

/// The JSON object in a request's body, read strictly. What was parsed is wiped: it may hold a key.
class JsonBody {
  public:
    JsonBody() = default;
    JsonBody(const JsonBody&) = delete;
    JsonBody& operator=(const JsonBody&) = delete;
    ~JsonBody();

    /// Reads all members of `request.body`. The refusal: 415 for another content type, 400 for what
    /// is no JSON object, 422 with every member that is wrong.
    std::optional<AdminResponse> read(const AdminRequest& request, const ReadMember& read_member);
    bool has(std::string_view key) const { return object_[key].error() == simdjson::SUCCESS; }

  private:
    simdjson::dom::parser parser_;
    simdjson::padded_string text_;
    simdjson::dom::object object_;
};

/// 422 with `errors`: what is wrong with which member.
AdminResponse members_invalid(const std::vector<MemberProblem>& problems);

}  // namespace kwikgate::gateway::admin
