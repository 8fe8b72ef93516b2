#include <algorithm>
#include <map>
#include <set>

#include "auth/seed_sections.hpp"
#include "gateway/config/parse.hpp"
#include "gateway/config/route_pattern.hpp"
#include "gateway/config/units.hpp"

namespace kwikgate::gateway {
namespace {

std::string in_line(const Place& here, const Place& first) {
    const std::string line = "line " + std::to_string(first.location().line);
    if (here.source == first.source) return "in " + line;
    return "in " + first.source->file.string() + ", " + line;
}

/// The member's place where the file has it, else its object's.
Place member_or_object(const Place& object, std::string_view key) {
    if (object.value->kind == JsonKind::object)
        for (const JsonMember& member : object.value->members)
            if (member.name == key) return object.member(member);
    return object;
}

/// Whether a member has its default or the value that the file gives it: not so where the file's
/// was wrong.
bool is_effective(const Place& object, std::string_view key, const std::string& value) {
    const JsonValue* given = object.value->find(key);
    return given == nullptr || given->text == value;
}

void check_listeners(ParseState& state, std::string_view key, std::string ListenerConfig::*member) {
    std::map<std::string_view, std::size_t> seen;
    for (std::size_t i = 0; i < state.listeners.size(); ++i) {
        const std::string& value = state.config.listeners[i].*member;
        if (!is_effective(state.listeners[i], key, value)) continue;
        // Port 0 asks the system for a free one: it may be asked for twice.
        if (value.ends_with(":0")) continue;
        if (key == "address" && value == state.config.admin.address)
            state.problems.add(member_or_object(state.listeners[i], key),
                               "the admin listener has the address " + quote(value),
                               "see admin.address");
        if (key == "address" && value == state.config.health.address)
            state.problems.add(member_or_object(state.listeners[i], key),
                               "the health listener has the address " + quote(value),
                               "see health.address");
        const auto [first, is_new] = seen.try_emplace(value, i);
        if (is_new) continue;
        const Place place = member_or_object(state.listeners[i], key);
        state.problems.add(place,
                           "another listener has the " + std::string(key) + " " + quote(value),
                           in_line(place, state.listeners[first->second]));
    }
}

void check_names(ParseState& state, const std::vector<NameUse>& uses,
                 const std::vector<std::string_view>& names, std::string_view what) {
    const std::set<std::string_view> known(names.begin(), names.end());
    for (const NameUse& use : uses) {
        if (known.contains(use.name)) continue;
        state.problems.add(use.place, "there is no " + std::string(what) + " " + quote(use.name),
                           did_you_mean(use.name, names));
    }
}

std::vector<std::string_view> check_sections(ParseState& state) {
    std::vector<std::string_view> names(auth::kSeedSections.begin(), auth::kSeedSections.end());
    for (const NameUse& section : state.section_names) {
        if (std::find(auth::kSeedSections.begin(), auth::kSeedSections.end(), section.name) !=
            auth::kSeedSections.end()) {
            state.problems.add(section.place, quote(section.name) + " is in the catalogue already",
                               "\"sections\" names additional ones only");
        }
    }
    names.insert(names.end(), state.config.sections.begin(), state.config.sections.end());
    if (names.size() > store::kMaxSections)
        state.problems.add(state.section_names.front().place,
                           "the catalogue would hold more than 128 sections");
    return names;
}

/// What two conflicting patterns have in common: their parameters' names do not count.
std::string shape_of(const RouteDraft& route) {
    std::string shape = route.method + " ";
    bool is_in_name = false;
    for (const char c : route.path) {
        if (c == '}') is_in_name = false;
        if (!is_in_name) shape += c;
        if (c == '{') is_in_name = true;
    }
    return shape;
}

void check_routes(ParseState& state) {
    std::map<std::string, const Place*> shapes;
    for (const RouteDraft& route : state.routes) {
        if (route.method.empty() || route.path.empty()) continue;  // Told where it was read.
        const auto [first, is_new] = shapes.try_emplace(shape_of(route), &route.path_place);
        if (is_new) continue;
        state.problems.add(route.path_place,
                           "another route has the method " + route.method + " and this path",
                           in_line(route.path_place, *first->second));
    }
    std::set<std::string_view> methods(kRouteMethods.begin(), kRouteMethods.end());
    for (const RouteDraft& route : state.routes) {
        if (route.method.empty() || !methods.insert(route.method).second) continue;
        if (methods.size() == kMaxRouteMethods + 1)
            state.problems.add(route.place, "the routes have too many different methods",
                               "at most 25 that are not GET, HEAD, POST, PUT, PATCH, DELETE or "
                               "OPTIONS");
    }
    if (state.config.environments.test.empty())
        for (const RouteDraft& route : state.routes)
            if (route.environment == auth::Environment::test && route.upstream.empty())
                state.problems.add(route.place,
                                   "the route is for test tokens, but \"environments\" names no "
                                   "upstream for them");
}

}  // namespace

void check_references(ParseState& state) {
    check_listeners(state, "name", &ListenerConfig::name);
    check_listeners(state, "address", &ListenerConfig::address);
    std::vector<std::string_view> upstreams;
    for (const UpstreamConfig& upstream : state.config.upstreams)
        upstreams.push_back(upstream.name);
    // Where upstreams are missing altogether, that is the one problem to tell.
    if (!upstreams.empty()) check_names(state, state.upstream_uses, upstreams, "upstream");
    check_names(state, state.section_uses, check_sections(state), "section");
    check_routes(state);
}

void check_limits(ParseState& state) {
    const LimitsConfig& limits = state.config.limits;
    const Place place = member_or_object(state.root, "limits");
    const auto add = [&](std::string_view key, std::string message, std::size_t bytes) {
        state.problems.add(member_or_object(place, key), std::move(message),
                           std::string(key) + " is " + format_size(bytes));
    };
    if (limits.held_body_bytes > limits.body_bytes)
        add("held_body", "\"held_body\" is more than \"body\"", limits.held_body_bytes);
    if (limits.request_line_bytes > limits.header_bytes)
        add("request_line", "\"request_line\" is more than \"header\", of which it is a part",
            limits.request_line_bytes);
}

}  // namespace kwikgate::gateway
