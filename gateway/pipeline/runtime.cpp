#include "gateway/pipeline/runtime.hpp"

#include <algorithm>

#include "auth/section_catalogue.hpp"
#include "auth/token_service.hpp"
#include "gateway/config/route_overlap.hpp"
#include "gateway/config/route_pattern.hpp"

namespace kwikgate::gateway {
namespace {

int upstream_index(const Config& config, const std::string& name) {
    for (std::size_t i = 0; i < config.upstreams.size(); ++i)
        if (config.upstreams[i].name == name) return static_cast<int>(i);
    return -1;
}

std::vector<auth::WantedField> wanted_fields(const std::vector<std::string>& everywhere,
                                             const std::vector<std::string>& here) {
    std::vector<auth::WantedField> wanted;
    for (const auto* names : {&everywhere, &here})
        for (const std::string& name : *names)
            if (std::none_of(wanted.begin(), wanted.end(),
                             [&](const auth::WantedField& field) { return field.name == name; }))
                wanted.push_back({name, auth::field_name(name)});
    return wanted;
}

std::string build_routes(const Config& config, const auth::SectionCatalogue& sections,
                         RouteTable& table) {
    const auto rights = number_rights(config.routes, config.limits.body_bytes);
    for (std::size_t i = 0; i < config.routes.size(); ++i) {
        const RouteConfig& source = config.routes[i];
        Route route;
        route.rights = rights[i];
        route.opaque = source.opaque;
        route.method = source.method;
        route.pattern = source.path;
        route.section_slug = source.section;
        route.requirement.access = source.access;
        route.requirement.schemes = source.schemes;
        route.requirement.environment = source.environment;
        route.upstream_index = upstream_index(config, source.upstream);
        // Without an upstream for test tokens the route is for live ones, so that the authoriser
        // says so in its place: before the section and the permission.
        if (source.upstream.empty() && config.environments.test.empty() && !source.environment)
            route.requirement.environment = auth::Environment::live;
        route.body_bytes = body_limit(source, config.limits.body_bytes);
        route.takes_content = route.body_bytes != 0 || !is_contentless_method(source.method);
        route.wanted = wanted_fields(config.signature.covers, source.covers);
        route.check_json = source.check_json;
        route.content_types = source.content_types;
        if (source.response_timeout) route.response_timeout = *source.response_timeout;
        if (!source.section.empty()) {
            const auto section = sections.id(source.section);
            if (!section)
                return "route " + source.method + " " + source.path + ": unknown section " +
                       source.section;
            route.requirement.section = *section;
        }
        if (const Route* other = table.add(std::move(route)))
            return "route " + source.method + " " + source.path + " conflicts with " +
                   other->pattern;
    }
    table.finish();
    return {};
}

std::string build_listeners(const Config& config, Runtime& runtime) {
    for (const ListenerConfig& listener : config.listeners) {
        auto settings =
            std::make_shared<net::ListenerSettings>(net::ListenerSettings{listener, {}});
        std::string error;
        if (listener.tls.is_enabled()) settings->tls = net::ServerTls::load(listener.tls, error);
        if (!error.empty()) return "listener " + listener.name + ": " + error;
        runtime.listeners.push_back(std::move(settings));
    }
    return {};
}

const proxy::Upstream* find_upstream(const Runtime* runtime, const std::string& name) {
    if (runtime == nullptr) return nullptr;
    const int index = upstream_index(runtime->config, name);
    return index < 0 ? nullptr : &runtime->upstreams[static_cast<std::size_t>(index)];
}

/// What a request is judged by.
std::string build_rules(const Config& config, store::Store& store, Runtime& runtime) {
    runtime.config = config;
    runtime.sampler = Sampler(config.tracing);
    runtime.live_upstream = upstream_index(config, config.environments.live);
    runtime.test_upstream = upstream_index(config, config.environments.test);
    const auto sections = auth::plan_sections(store, config.sections);
    if (!sections) return "sections: " + sections.error().detail;
    return build_routes(config, *sections, runtime.routes);
}

}  // namespace

void number_sections(Runtime& runtime, const auth::SectionCatalogue& catalogue) {
    for (const auto& route : runtime.routes.routes())
        if (!route->section_slug.empty())
            route->requirement.section = catalogue.id(route->section_slug);
}

BuiltRuntime build_judging_runtime(const Config& config, store::Store& store) {
    auto runtime = std::make_shared<Runtime>();
    auto error = build_rules(config, store, *runtime);
    if (!error.empty()) return {nullptr, std::move(error)};
    return {std::move(runtime), {}};
}

BuiltRuntime build_runtime(const Config& config, store::Store& store, const Runtime* previous) {
    auto runtime = std::make_shared<Runtime>();
    if (auto error = build_rules(config, store, *runtime); !error.empty()) return {nullptr, error};
    if (auto error = build_listeners(config, *runtime); !error.empty()) return {nullptr, error};
    runtime->upstreams.resize(config.upstreams.size());
    for (std::size_t i = 0; i < config.upstreams.size(); ++i)
        if (auto error = proxy::resolve(config.upstreams[i],
                                        find_upstream(previous, config.upstreams[i].name),
                                        runtime->upstreams[i]);
            !error.empty())
            return {nullptr, error};
    return {std::move(runtime), {}};
}

}  // namespace kwikgate::gateway
