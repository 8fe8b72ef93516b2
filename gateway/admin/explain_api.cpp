#include "gateway/admin/explain_api.hpp"

#include <algorithm>

#include "auth/ip_rules.hpp"
#include "auth/secret.hpp"
#include "gateway/admin/json_body.hpp"
#include "gateway/json/explanation_json.hpp"
#include "gateway/pasted/judged_text.hpp"

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
    bool has_peer = false;
    bool has_at = false;
    std::string listener;     ///< Its name; empty: not given.
    std::string body_digest;  ///< Of a capture, see `SavedRequest`.
};

FieldProblem read_peer(const simdjson::dom::element& value, Question& out) {
    const auto text = text_of(value);
    const auto address = text ? auth::parse_ip(*text) : std::nullopt;
    if (!address) return "must be an IP address";
    out.peer = *address;
    out.has_peer = true;
    return {};
}

FieldProblem read_listener(const simdjson::dom::element& value, const Config& config,
                           Question& out) {
    const auto name = text_of(value);
    const auto found = std::find_if(
        config.listeners.begin(), config.listeners.end(),
        [&](const ListenerConfig& listener) { return name && listener.name == *name; });
    if (found == config.listeners.end()) return "must be the name of a listener";
    out.listener = found->name;
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
        out.has_at = at.has_value();
        return wrong;
    }
    if (name != "request" && name != "base") return std::nullopt;
    const auto text = text_of(value);
    if (!text || text->empty()) return "must be text";
    out.saved.has_base = out.saved.has_base || name == "base";
    (name == "base" ? out.saved.base : out.saved.raw) = *text;
    return FieldProblem();
}

/// Makes a request of what was pasted; says what is not understood.
std::string settle_request(Question& question, const Config& config, store::Store& store) {
    SavedText& saved = question.saved;
    std::optional<CaptureEntry> entry;
    std::string error = take_pasted(saved, entry);
    if (!entry) return error;
    restore_request(*entry, store, saved);
    question.body_digest = entry->body_digest;
    if (!question.has_at) saved.at = entry->at;
    const auto peer = auth::parse_ip(entry->peer);
    if (!question.has_peer && peer) question.peer = *peer;
    const bool is_known = std::any_of(
        config.listeners.begin(), config.listeners.end(),
        [&](const ListenerConfig& listener) { return listener.name == entry->listener; });
    if (question.listener.empty() && is_known) question.listener = entry->listener;
    return error;
}

}  // namespace

AdminResponse explain_request(const Call& call, const Services& services) {
    const auto runtime = services.runtime();
    Question question;
    SavedText& saved = question.saved;
    saved.at = services.clock();
    JsonBody body;
    if (auto refused = body.read(call.request,
                                 [&](std::string_view name, const simdjson::dom::element& value) {
                                     return read_member(name, value, runtime->config, question);
                                 }))
        return *refused;
    if (saved.raw.empty()) return members_invalid({{"request", "is required"}});
    if (const std::string error = settle_request(question, runtime->config, services.store);
        !error.empty())
        return members_invalid({{"request", error}});
    const ListenerConfig* listener = find_listener(runtime->config, question.listener, saved);
    if (listener == nullptr) listener = &runtime->config.listeners.front();
    saved.mend();
    const ExplainResult result = explain(*runtime, services.store, services.master_key,
                                         {.raw = saved.raw,
                                          .listener = listener,
                                          .peer = question.peer,
                                          .at = saved.at,
                                          .wrong_body_digest = question.body_digest,
                                          .client_base = saved.base});
    if (!result.error.empty())
        return problem(503, "store_unavailable", "The token store cannot be read.");
    AdminResponse response = json_response(explanation_json(result.explanation, saved));
    response.holds_secret = true;
    return response;
}

}  // namespace kwikgate::gateway::admin
