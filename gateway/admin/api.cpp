#include "gateway/admin/api.hpp"

#include <stdexcept>

#include "auth/json_text.hpp"
#include "auth/secret.hpp"
#include "auth/time_text.hpp"
#include "gateway/admin/audit_api.hpp"
#include "gateway/admin/console.hpp"
#include "gateway/admin/explain_api.hpp"
#include "gateway/admin/json_body.hpp"
#include "gateway/admin/openapi.hpp"
#include "gateway/admin/review_api.hpp"
#include "gateway/admin/status_api.hpp"
#include "gateway/json/config_json.hpp"
#include "gateway/json/problem_json.hpp"

namespace kwikgate::gateway::admin {

using Respond = Api::Respond;

/// Operations with what runs them.
struct OperationTable {
    struct Row : Operation {
        AdminResponse (*run)(Api&, const Call&);
    };

    static std::span<const Row> rows() {
        static constexpr Row kRows[] = {
            {{"GET", "/healthz", Role::nobody}, [](Api&, const Call&) { return healthz(); }},
            {{"GET", "/readyz", Role::nobody},
             [](Api& api, const Call&) { return readyz(api.services_, api.reader_); }},
            {{"GET", "/metrics", Role::viewer},
             [](Api& api, const Call&) { return show_metrics(api.services_); }},
            {{"GET", "/api/v1/openapi.json", Role::nobody},
             [](Api&, const Call&) { return json_response(std::string(openapi_json())); }},

            {{"POST", "/api/v1/session", Role::nobody},
             [](Api& api, const Call& call) { return api.log_in(call); }},
            {{"GET", "/api/v1/session", Role::viewer},
             [](Api& api, const Call& call) { return api.show_session(call); }},
            {{"DELETE", "/api/v1/session", Role::nobody},
             [](Api& api, const Call& call) { return api.log_out(call); }},

            {{"GET", "/api/v1/tokens", Role::viewer},
             [](Api& api, const Call& call) { return api.tokens_.list(call); }},
            {{"POST", "/api/v1/tokens", Role::admin},
             [](Api& api, const Call& call) { return api.tokens_.create(call); }},
            {{"GET", "/api/v1/tokens/{id}", Role::viewer},
             [](Api& api, const Call& call) { return api.tokens_.read(call); }},
            {{"PATCH", "/api/v1/tokens/{id}", Role::admin},
             [](Api& api, const Call& call) { return api.tokens_.update(call); }},
            {{"DELETE", "/api/v1/tokens/{id}", Role::admin},
             [](Api& api, const Call& call) { return api.tokens_.erase(call); }},
            {{"GET", "/api/v1/tokens/{id}/usage", Role::viewer},
             [](Api& api, const Call& call) { return api.tokens_.usage(call); }},
            {{"POST", "/api/v1/tokens/{id}/enable", Role::admin},
             [](Api& api, const Call& call) { return api.tokens_.enable(call); }},
            {{"POST", "/api/v1/tokens/{id}/disable", Role::admin},
             [](Api& api, const Call& call) { return api.tokens_.disable(call); }},
            {{"POST", "/api/v1/tokens/{id}/rotate", Role::admin},
             [](Api& api, const Call& call) { return api.tokens_.rotate(call); }},

            {{"GET", "/api/v1/audit", Role::viewer},
             [](Api& api, const Call& call) { return list_audit(call, api.reader_); }},
            {{"GET", "/api/v1/review", Role::viewer},
             [](Api& api, const Call& call) {
                 return list_review(call, api.reader_, api.services_.clock());
             }},
            {{"GET", "/api/v1/sections", Role::viewer},
             [](Api& api, const Call&) { return list_sections(api.reader_); }},
            {{"GET", "/api/v1/routes", Role::viewer},
             [](Api& api, const Call&) { return list_routes(*api.services_.runtime()); }},
            {{"GET", "/api/v1/upstreams", Role::viewer},
             [](Api& api, const Call&) {
                 return list_upstreams(*api.services_.runtime(), api.services_.metrics.metrics);
             }},
            {{"GET", "/api/v1/traffic", Role::viewer},
             [](Api& api, const Call&) { return show_traffic(api.services_); }},
            {{"GET", "/api/v1/status", Role::viewer},
             [](Api& api, const Call&) { return show_status(api.services_); }},
            {{"GET", "/api/v1/configuration", Role::viewer},
             [](Api& api, const Call&) {
                 return json_response(config_json(api.services_.runtime()->config));
             }},
            {{"POST", "/api/v1/explain", Role::viewer},
             [](Api& api, const Call& call) { return explain_request(call, api.services_); }},
            {{"POST", "/api/v1/reload", Role::admin}, nullptr},
        };
        return kRows;
    }
};

namespace {

AdminResponse reload_response(const ReloadOutcome& outcome) {
    if (outcome.error.empty()) return json_response(R"({"status":"reloaded"})");
    AdminResponse response = problem(422, "reload_refused", outcome.error);
    response.body.pop_back();
    response.body += ",\"problems\":" + auth::json_array(outcome.problems, problem_json) + "}";
    return response;
}

auth::JsonObject session_object(const Caller& caller) {
    const auto& expires_at = caller.session_expires_at;
    auth::JsonObject object;
    object.text("key_id", caller.key_id)
        .text("name", caller.name)
        .text("role", to_token(caller.role))
        .text_or_null("expires_at", expires_at ? auth::to_text(*expires_at) : "");
    return object;
}

/// Holds for every answer of this listener that does not say otherwise.
void add_common_fields(AdminResponse& response) {
    static constexpr std::pair<const char*, const char*> kFields[] = {
        {"Cache-Control", "no-store"},
        {"X-Content-Type-Options", "nosniff"},
        {"Referrer-Policy", "no-referrer"},
        {"Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"},
        {"Cross-Origin-Resource-Policy", "same-origin"}};
    for (const auto& [name, value] : kFields)
        if (!response.has(name)) response.set(name, value);
}

}  // namespace

std::vector<Operation> operations() {
    const auto rows = OperationTable::rows();
    return {rows.begin(), rows.end()};
}

Api::Api(Services services, const AdminConfig& config)
    : services_(std::move(services)),
      config_(config),
      reader_(make_reader(services_.store)),
      access_(config, services_.master_key, services_.clock()),
      tokens_(services_, reader_) {}

void Api::handle(const AdminRequest& request, const Respond& respond) {
    dispatch(request, [respond](AdminResponse response) {
        add_common_fields(response);
        respond(std::move(response));
    });
}

bool is_open(const Operation& operation, const AdminConfig& config, const AdminRequest& request) {
    if (operation.role == Role::nobody) return true;
    // A proxy on this machine is a local peer for all who come through it.
    return operation.path == "/metrics" && config.open_metrics && request.is_local_peer &&
           !request.is_forwarded && Access::is_address_or_localhost(request.host);
}

namespace {

/// A load balancer's check may speak HTTP/1.0, which needs no Host. Nothing here is worth a
/// browser's while.
bool is_probe(const AdminRequest& request) {
    return request.host.empty() && (request.target == "/healthz" || request.target == "/readyz");
}

}  // namespace

void Api::dispatch(const AdminRequest& request, const Respond& respond) {
    if (!is_probe(request) && !access_.is_own_host(request.host))
        return respond(problem(421, "host_not_served",
                               "Name this listener by its address, or add the name to "
                               "admin.authorities."));
    const auto target = parse_target(request.target);
    if (!target) return respond(problem(400, "target_invalid", "The target is not well formed."));
    std::string_view method = request.method;
    if (method == "HEAD") method = "GET";
    std::string allowed;
    for (const OperationTable::Row& row : OperationTable::rows()) {
        std::string_view id;
        if (!matches(row.path, target->path, id)) continue;
        allowed += (allowed.empty() ? "" : ", ") + std::string(row.method);
        if (row.method != method) continue;
        Caller caller;
        if (!is_open(row, config_, request)) {
            auto found = access_.identify(request, reader_, services_.clock());
            if (auto* refused = std::get_if<AdminResponse>(&found))
                return respond(std::move(*refused));
            caller = std::get<Caller>(std::move(found));
            if (caller.role < row.role)
                return respond(problem(403, "role_not_allowed",
                                       "This needs an admin key with the role admin."));
        }
        if (row.run == nullptr) return reload(caller, respond);
        AdminResponse response = row.run(*this, {request, *target, id, caller});
        response.is_for_known |= caller.role != Role::nobody;
        return respond(std::move(response));
    }
    if (auto page = console_response(target->path, request.accept_encoding);
        page && allowed.empty()) {
        if (method == "GET") return respond(std::move(*page));
        allowed = "GET";
    }
    if (allowed.empty()) return respond(problem(404, "not_found", "There is no such path."));
    AdminResponse response = problem(405, "method_not_allowed", "This path has other methods.");
    response.set("Allow", allowed);
    respond(std::move(response));
}

AdminResponse Api::log_in(const Call& call) {
    Login login;
    JsonBody body;
    const auto refused = body.read(
        call.request,
        [&](std::string_view name,
            const simdjson::dom::element& value) -> std::optional<FieldProblem> {
            if (name != "key" && name != "ticket") return std::nullopt;
            const auto text = text_of(value);
            if (!text) return "must be a string";
            (name == "key" ? login.key : login.ticket) = auth::SecretString(std::string(*text));
            return FieldProblem();
        });
    if (refused) return *refused;
    if (login.key.empty() == login.ticket.empty())
        return members_invalid({{"key", "or ticket is required, and not both"}});
    Access::NewSession opened;
    auto found = access_.log_in(call.request, login, reader_, services_.clock(), opened);
    if (auto* failed = std::get_if<AdminResponse>(&found)) return std::move(*failed);
    AdminResponse response = json_response(session_object(std::get<Caller>(found))
                                               .text("page_key", opened.page_key.expose())
                                               .to_string());
    response.holds_secret = true;
    response.is_for_known = true;
    response.set("Set-Cookie", opened.set_cookie);
    return response;
}

AdminResponse Api::log_out(const Call& call) {
    if (!call.request.origin.empty() && !is_same_origin(call.request))
        return problem(403, "cross_site_refused", "Log out from the console's own page.");
    AdminResponse response;
    response.status = 204;
    response.set("Set-Cookie", access_.log_out(call.request));
    return response;
}

AdminResponse Api::show_session(const Call& call) const {
    return json_response(session_object(call.caller).to_string());
}

void Api::reload(const Caller& caller, const Respond& respond) {
    services_.reload(caller.actor(), [respond](const ReloadOutcome& outcome) {
        AdminResponse response = reload_response(outcome);
        response.is_for_known = true;
        respond(std::move(response));
    });
}

}  // namespace kwikgate::gateway::admin
