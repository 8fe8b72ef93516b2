#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <vector>

#include "gateway/config/config.hpp"
#include "gateway/config/config_words.hpp"
#include "gateway/config/field_table.hpp"
#include "gateway/config/source.hpp"

namespace kwikgate::gateway {

/// A name used somewhere, to be held against what exists once everything was read.
struct NameUse {
    Place place;
    std::string name;
};

/// A route with what cross-checks need to know.
struct RouteDraft : RouteConfig {
    Place place;
    Place path_place;
    bool has_access = false;
    bool has_schemes = false;
};

/// What reading gathers. The tables fill `config`; the rest is for the checks between sections.
struct ParseState {
    explicit ParseState(ProblemList& list) : problems(list) {}

    ProblemList& problems;
    ProblemList warnings;  ///< Told by `kwikgate check`; they stop nothing.
    Config config;
    Place root;
    std::vector<Place> listeners;
    std::vector<Place> upstreams;
    std::vector<NameUse> upstream_uses;
    std::vector<NameUse> section_uses;
    std::vector<NameUse> section_names;  ///< "sections".
    std::vector<NameUse> routes_files;   ///< As written.
    std::vector<RouteDraft> routes;
};

/// The configuration itself. Routes files are named in `state.routes_files`, not read.
void parse_config(ParseState& state, const Place& root);
/// A routes file: adds to `state.routes`.
void parse_routes_file(ParseState& state, const Place& root);

// Sections with tables of their own in other files.
void read_listeners(ParseState& state, const Place& place, Config& config);
void read_upstreams(ParseState& state, const Place& place, Config& config);
void read_routes(ParseState& state, const Place& place, Config& config);
void read_tracing(ParseState& state, const Place& place, Config& config);
void read_admin(ParseState& state, const Place& place, Config& config);
void read_health_listener(ParseState& state, const Place& place, Config& config);
void describe_listeners(const std::string& path, std::vector<ConfigKey>& keys);
void describe_upstreams(const std::string& path, std::vector<ConfigKey>& keys);
void describe_routes(const std::string& path, std::vector<ConfigKey>& keys);
void describe_tracing(const std::string& path, std::vector<ConfigKey>& keys);
void describe_admin(const std::string& path, std::vector<ConfigKey>& keys);
void describe_health_listener(const std::string& path, std::vector<ConfigKey>& keys);

/// A list of addresses and CIDR blocks.
void read_ranges(ParseState& state, const Place& place, std::vector<store::IpRange>& out);

/// "1.2" or "1.3", for whatever has a `min_version`.
template <class S>
void read_tls_version(ParseState& state, const Place& place, S& out) {
    const std::size_t index = read_choice(state.problems, place, kTlsVersions);
    if (index < kTlsVersions.size()) out.min_version = static_cast<TlsVersion>(index);
}

/// What no single section can judge: names that nothing has, duplicates, limits that contradict.
void check_references(ParseState& state);
void check_limits(ParseState& state);
/// Routes that a server behind the gateway may take for each other: warnings, and problems where a
/// route is opaque.
void check_overlaps(ParseState& state);

}  // namespace kwikgate::gateway
