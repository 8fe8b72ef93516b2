#include <array>

#include "gateway/config/parse.hpp"
#include "gateway/config/route_pattern.hpp"

namespace kwikgate::gateway {
namespace {

constexpr std::size_t kMaxContentTypes = 16;
constexpr std::size_t kMaxCovers = 16;
constexpr std::size_t kMaxBodyBytes = std::size_t{1} << 40;

constexpr std::array<std::string_view, 2> kAccesses = {"read", "write"};
constexpr std::array<std::string_view, 3> kEnvironments = {"any", "live", "test"};
constexpr std::array<std::string_view, store::kSchemeCount> kSchemes = {"basic", "signature",
                                                                        "public_key"};

void read_method(ParseState& state, const Place& place, RouteDraft& route) {
    std::string method;
    if (!read_text(state.problems, place, method)) return;
    if (const auto problem = method_problem(method)) {
        state.problems.add(place, *problem, "GET, POST, QUERY and so on");
        return;
    }
    route.method = std::move(method);
}

void read_pattern(ParseState& state, const Place& place, RouteDraft& route) {
    std::string pattern;
    if (!read_text(state.problems, place, pattern)) return;
    if (const auto problem = pattern_problem(pattern)) {
        state.problems.add(place, *problem,
                           "a pattern is /literals/{params}/ and at most a last *");
        return;
    }
    route.path = std::move(pattern);
    route.path_place = place;
}

void read_section(ParseState& state, const Place& place, RouteDraft& route) {
    if (!read_text(state.problems, place, route.section) || route.section.empty()) return;
    state.section_uses.push_back({place, route.section});
}

void read_access(ParseState& state, const Place& place, RouteDraft& route) {
    const std::size_t index = read_choice(state.problems, place, kAccesses);
    route.has_access = true;
    if (index < kAccesses.size())
        route.access = index == 0 ? auth::Access::read : auth::Access::write;
}

void read_schemes(ParseState& state, const Place& place, RouteDraft& route) {
    route.has_schemes = true;
    if (!expect_kind(state.problems, place, JsonKind::array)) return;
    if (place.value->items.empty())
        state.problems.add(place, "must name at least one scheme", "basic, signature, public_key");
    for (std::size_t i = 0; i < place.value->items.size() && i < kSchemes.size() + 1; ++i) {
        const Place item = place.item(i);
        const std::size_t index = read_choice(state.problems, item, kSchemes);
        if (index == kSchemes.size()) continue;
        const auto scheme = static_cast<auth::Scheme>(index);
        if (route.schemes.contains(scheme)) state.problems.add(item, "stands in the list twice");
        route.schemes.add(scheme);
    }
}

void read_upstream(ParseState& state, const Place& place, RouteDraft& route) {
    if (!read_text(state.problems, place, route.upstream) || route.upstream.empty()) return;
    state.upstream_uses.push_back({place, route.upstream});
}

void read_environment(ParseState& state, const Place& place, RouteDraft& route) {
    const std::size_t index = read_choice(state.problems, place, kEnvironments);
    if (index == 1) route.environment = auth::Environment::live;
    if (index == 2) route.environment = auth::Environment::test;
}

void read_body(ParseState& state, const Place& place, RouteDraft& route) {
    std::size_t bytes = 0;
    if (read_size(state.problems, place, 0, kMaxBodyBytes, bytes)) route.body_bytes = bytes;
}

void read_content_types(ParseState& state, const Place& place, RouteDraft& route) {
    read_texts(state.problems, place, media_type_problem, kMaxContentTypes, route.content_types);
}

void read_covers(ParseState& state, const Place& place, RouteDraft& route) {
    read_texts(state.problems, place, covered_field_problem, kMaxCovers, route.covers);
}

void read_response_timeout(ParseState& state, const Place& place, RouteDraft& route) {
    milliseconds timeout{};
    if (read_duration(state.problems, place, milliseconds(10), std::chrono::hours(1), timeout))
        route.response_timeout = timeout;
}

using Draft = RouteDraft;
constexpr auto kRouteFields = std::to_array<Field<Draft>>({
    {"method", CustomRule<Draft>{"string", "not CONNECT or TRACE", read_method}, true},
    {"path", CustomRule<Draft>{"string", "a pattern", read_pattern}, true},
    {"section", CustomRule<Draft>{"string", "a slug, or empty", read_section}},
    {"access", CustomRule<Draft>{"string", "read, write", read_access}},
    {"schemes", CustomRule<Draft>{"list of strings", "basic, signature, public_key", read_schemes}},
    {"upstream", CustomRule<Draft>{"string", "an upstream, or empty", read_upstream}},
    {"environment", CustomRule<Draft>{"string", "any, live, test", read_environment}},
    {"body", CustomRule<Draft>{"size", "0B to 1TiB", read_body}},
    {"check_json", FlagRule<Draft>{&Draft::check_json}},
    {"content_types", CustomRule<Draft>{"list of media types", "up to 16", read_content_types}},
    {"covers", CustomRule<Draft>{"list of field names", "up to 16", read_covers}},
    {"response_timeout", CustomRule<Draft>{"duration", "10ms to 1h", read_response_timeout}},
    {"opaque", FlagRule<Draft>{&Draft::opaque}},
    {"inferred", FlagRule<Draft>{&Draft::inferred}},
});

void set_defaults(RouteDraft& route) {
    if (!route.has_access) {
        route.access = is_reading_method(route.method) ? auth::Access::read : auth::Access::write;
    }
    if (!route.has_schemes) {
        route.schemes.add(auth::Scheme::basic);
        route.schemes.add(auth::Scheme::signature);
    }
}

}  // namespace

void read_routes(ParseState& state, const Place& place, Config&) {
    if (!expect_kind(state.problems, place, JsonKind::array)) return;
    if (state.routes.size() + place.value->items.size() > kMaxRoutes) {
        state.problems.add(place, "makes more than 10000 routes");
        return;
    }
    for (std::size_t i = 0; i < place.value->items.size(); ++i) {
        RouteDraft& route = state.routes.emplace_back();
        route.place = place.item(i);
        read_fields<RouteDraft>(state, route.place, route, kRouteFields);
        set_defaults(route);
    }
}

void describe_routes(const std::string& path, std::vector<ConfigKey>& keys) {
    describe_fields<RouteDraft>(path + "[].", kRouteFields, keys);
}

}  // namespace kwikgate::gateway
