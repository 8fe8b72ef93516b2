#include "gateway/admin/token_api.hpp"

#include "auth/ascii.hpp"
#include "gateway/admin/json_body.hpp"
#include "gateway/admin/query.hpp"
#include "gateway/admin/review_api.hpp"
#include "gateway/admin/token_list.hpp"
#include "gateway/config/units.hpp"
#include "gateway/json/token_fields.hpp"
#include "gateway/json/token_json.hpp"
#include "gateway/json/usage_days_json.hpp"

namespace kwikgate::gateway::admin {
namespace {

constexpr std::chrono::hours kDefaultOverlap{24};

std::string etag_of(std::uint64_t version) {
    return "\"" + std::to_string(version) + "\"";
}

/// The version that If-Match names: one strong tag of ours. Nothing for anything else.
std::optional<std::uint64_t> version_of(std::string_view etag) {
    if (etag.size() < 3 || etag.front() != '"' || etag.back() != '"') return std::nullopt;
    etag = etag.substr(1, etag.size() - 2);
    std::uint64_t version = 0;
    if (!auth::read_decimal(etag, version)) return std::nullopt;
    return version;
}

store::Result<auth::SectionCatalogue> read_sections(store::Reader& reader) {
    const auto snapshot = reader.snapshot();
    if (!snapshot) return snapshot.error();
    return auth::SectionCatalogue::read(*snapshot);
}

/// What the command line shows, and what a review says of it.
std::string shown_json(const store::TokenRecord& token, const store::TokenUsage& usage,
                       store::Timestamp now, const auth::SectionCatalogue& sections) {
    std::string json = token_json(token, usage, sections);
    json.pop_back();
    return json + ",\"advice\":" + advice_json(token, usage, now, sections) + "}";
}

}  // namespace

auth::TokenService TokenApi::service(const Call& call) {
    return {services_.store, services_.master_key, call.caller.actor(), services_.clock};
}

AdminResponse TokenApi::list(const Call& call) {
    const auto snapshot = reader_.snapshot();
    if (!snapshot) return store_problem(snapshot.error());
    const auto sections = auth::SectionCatalogue::read(*snapshot);
    if (!sections) return store_problem(sections.error());
    const auto parsed = parse_token_query(call.target, *sections);
    if (const auto* refused = std::get_if<AdminResponse>(&parsed)) return *refused;
    const TokenQuery& query = std::get<TokenQuery>(parsed);
    const auto stat = services_.store.stat();
    if (!stat) return store_problem(stat.error());
    if (query.order != TokenOrder::created && stat->tokens > kMostSorted)
        return problem(400, "query_invalid",
                       "So many tokens can be sorted by created only; narrow nothing else.");
    const auto page = list_tokens(*snapshot, query);
    if (!page) {
        if (page.error() == store::Errc::invalid_argument) return cursor_invalid();
        return store_problem(page.error());
    }
    const auto write = [&](const ListedToken& token) {
        return shown_json(token.record, token.usage, services_.clock(), *sections);
    };
    return json_response(auth::JsonObject()
                             .raw("tokens", auth::json_array(page->tokens, write))
                             .number("total", stat->tokens)
                             .text_or_null("next_cursor", page->next_cursor)
                             .to_string());
}

AdminResponse TokenApi::show(std::string_view id) {
    const auto snapshot = reader_.snapshot();
    if (!snapshot) return store_problem(snapshot.error());
    const auto token = snapshot->token_by_id(id);
    if (!token) return store_problem(token.error());
    if (!*token) return problem(404, "not_found", "There is no such token.");
    const auto usage = snapshot->usage((*token)->number);
    if (!usage) return store_problem(usage.error());
    const auto sections = auth::SectionCatalogue::read(*snapshot);
    if (!sections) return store_problem(sections.error());
    AdminResponse response =
        json_response(shown_json((*token)->to_record(), *usage, services_.clock(), *sections));
    response.set("ETag", etag_of((*token)->version));
    return response;
}

AdminResponse TokenApi::issued(const auth::IssuedToken& token, unsigned status) {
    const auto sections = read_sections(reader_);
    // The change is done and its secret is nowhere else: it is shown with numbers, if need be.
    AdminResponse response =
        json_response(issued_json(token, sections ? *sections : auth::SectionCatalogue(), true));
    response.status = status;
    response.holds_secret = true;
    response.set("ETag", etag_of(token.record.version));
    return response;
}

std::optional<AdminResponse> TokenApi::read_spec(const Call& call, auth::TokenSpec& spec) {
    const auto sections = read_sections(reader_);
    if (!sections) return store_problem(sections.error());
    JsonBody body;
    return body.read(call.request, [&](std::string_view key, const auto& value) {
        return read_token_setting(key, value, *sections, spec);
    });
}

AdminResponse TokenApi::create(const Call& call) {
    auth::TokenSpec spec;
    if (const auto refused = read_spec(call, spec)) return *refused;
    std::vector<MemberProblem> missing;
    if (!spec.name) missing.push_back({"name", "is required"});
    if (!spec.sections) missing.push_back({"sections", "is required"});
    if (!missing.empty()) return members_invalid(missing);
    const auto made = service(call).create(spec);
    if (!made) return service_problem(made.error());
    AdminResponse response = issued(*made, 201);
    response.set("Location", "/api/v1/tokens/" + made->record.id);
    return response;
}

AdminResponse TokenApi::read(const Call& call) {
    return show(call.id);
}

AdminResponse TokenApi::usage(const Call& call) {
    const auto snapshot = reader_.snapshot();
    if (!snapshot) return store_problem(snapshot.error());
    const auto token = snapshot->token_by_id(call.id);
    if (!token) return store_problem(token.error());
    if (!*token) return problem(404, "not_found", "There is no such token.");
    const auto days = read_usage_days(*snapshot, (*token)->number, services_.clock());
    if (!days) return store_problem(days.error());
    const auto sections = auth::SectionCatalogue::read(*snapshot);
    if (!sections) return store_problem(sections.error());
    return json_response(usage_days_json(*days, *sections));
}

AdminResponse TokenApi::update(const Call& call) {
    if (call.request.if_match.empty())
        return problem(428, "version_required",
                       "Send If-Match with the ETag of the token that you read.");
    const auto version = version_of(call.request.if_match);
    if (!version) return problem(400, "version_invalid", "If-Match must be one ETag of a token.");
    auth::TokenSpec spec;
    if (const auto refused = read_spec(call, spec)) return *refused;
    const auto changed = service(call).update(call.id, spec, *version);
    if (!changed) return service_problem(changed.error());
    return show(call.id);
}

AdminResponse TokenApi::set_status(const Call& call, auth::TokenStatus status) {
    const auto changed = service(call).set_status(call.id, status);
    if (!changed) return service_problem(changed.error());
    return show(call.id);
}

AdminResponse TokenApi::enable(const Call& call) {
    return set_status(call, auth::TokenStatus::live);
}

AdminResponse TokenApi::disable(const Call& call) {
    return set_status(call, auth::TokenStatus::disabled);
}

AdminResponse TokenApi::rotate(const Call& call) {
    std::chrono::milliseconds overlap = kDefaultOverlap;
    const auto read_member =
        [&](std::string_view key,
            const simdjson::dom::element& value) -> std::optional<FieldProblem> {
        if (key != "overlap") return std::nullopt;
        const auto text = text_of(value);
        const auto parsed = text ? parse_duration(*text) : std::nullopt;
        if (!parsed || parsed->count() % 1000 != 0)
            return "must be a duration in whole seconds, such as \"0s\", \"30m\" or \"24h\"";
        overlap = *parsed;
        return FieldProblem();
    };
    JsonBody body;
    if (!call.request.body.empty())
        if (const auto refused = body.read(call.request, read_member)) return *refused;
    const auto made =
        service(call).rotate(call.id, std::chrono::duration_cast<std::chrono::seconds>(overlap));
    if (!made) return service_problem(made.error());
    return issued(*made, 200);
}

AdminResponse TokenApi::erase(const Call& call) {
    const auto erased = service(call).erase(call.id);
    if (!erased) return service_problem(erased.error());
    AdminResponse response;
    response.status = 204;
    return response;
}

}  // namespace kwikgate::gateway::admin
