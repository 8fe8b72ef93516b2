#include "gateway/admin/explain_api.hpp"

#include <algorithm>

#include "auth/ip_rules.hpp"
#include "auth/secret.hpp"
#include "gateway/admin/json_body.hpp"
#include "gateway/json/explanation_json.hpp"

namespace kwikgate::gateway::admin {
namespace {

constexpr std::string_view kDefaultPeer = "127.0.0.1";

/// The members of the body. What was pasted may hold credentials: it is wiped.
struct Question {
    Question() = default;
    Question(const Question&) = delete;
    Question& operator=(const Question&) = delete;
    ~Question() {
        for (std::string* text : {&saved.raw, &saved.base}) auth::wipe(text->data(), text->size());
    }

    SavedText saved;
    auth::IpAddress peer = *auth::parse_ip(kDefaultPeer);
    const ListenerConfig* listener = nullptr;
};

FieldProblem read_peer(const simdjson::dom::element& value, Question& out) {
    const auto text = text_of(value);
    const auto address = text ? auth::parse_ip(*text) : std::nullopt;
    if (!address) return "must be an IP address";
    out.peer = *address;
    return {};
}

FieldProblem read_listener(const simdjson::dom::element& value, const Config& config,
                           Question& out) {
    const auto name = text_of(value);
    const auto found = std::find_if(
        config.listeners.begin(), config.listeners.end(),
        [&](const ListenerConfig& listener) { return name && listener.name == *name; });
    if (found == config.listeners.end()) return "must be the name of a listener";
    out.listener = &*found;
    return {};
}

std::optional<FieldProblem> read_member(std::string_view name, const simdjson::dom::element& value,
                                        const Config& config, Question& out) {
    if (name == "peer") return read_peer(value, out);
    if (name == "listener") return read_listener(value, config, out);
    if (name == "at") {
        std::optional<store::Timestamp> at;
        FieldProblem wrong = read_time(value, at);
        if (at) out.saved.at = *at;
        return wrong;
    }
    if (name != "request" && name != "base") return std::nullopt;
    const auto text = text_of(value);
    if (!text || text->empty()) return "must be text";
    out.saved.has_base = out.saved.has_base || name == "base";
    (name == "base" ? out.saved.base : out.saved.raw) = *text;
    return FieldProblem();
}

}  // namespace

AdminResponse explain_request(const Call& call, const Services& services) {
    const auto runtime = services.runtime();
    Question question;
    SavedText& saved = question.saved;
    question.listener = &runtime->config.listeners.front();
    saved.at = services.clock();
    JsonBody body;
    if (auto refused = body.read(call.request,
                                 [&](std::string_view name, const simdjson::dom::element& value) {
                                     return read_member(name, value, runtime->config, question);
                                 }))
        return *refused;
    if (saved.raw.empty()) return members_invalid({{"request", "is required"}});
    saved.mend();
    const ExplainResult result = explain(*runtime, services.store, services.master_key,
                                         {saved.raw, question.listener, question.peer, saved.at});
    if (!result.error.empty())
        return problem(503, "store_unavailable", "The token store cannot be read.");
    AdminResponse response = json_response(explanation_json(result.explanation, saved));
    response.holds_secret = true;
    return response;
}

}  // namespace kwikgate::gateway::admin
