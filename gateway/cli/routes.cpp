#include <algorithm>
#include <cstdio>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "auth/json_text.hpp"
#include "auth/seed_sections.hpp"
#include "gateway/cli/input.hpp"
#include "gateway/cli/open_store.hpp"
#include "gateway/cli/openapi.hpp"
#include "gateway/config/route_overlap.hpp"
#include "gateway/config/route_pattern.hpp"
#include "gateway/pipeline/route_table.hpp"

namespace kwikgate::gateway::cli {
namespace {

struct Flags {
    std::string document;
    std::string config;
    std::string base;
    std::vector<std::string> prefixes;
    bool has_base = false;
    bool as_json = false;
};

CliResult<OpenApiDocument> load_document(const Flags& flags) {
    const auto text = read_input(flags.document, kMaxOpenApiBytes);
    if (text.has_error()) return text.error();
    auto document = read_openapi(*text, flags.has_base ? &flags.base : nullptr);
    if (document.has_error())
        return Failure(document.error().exit_code(),
                       flags.document + " " + document.error().message());
    return document;
}

std::string route_json(const Operation& operation) {
    return auth::JsonObject()
        .text("method", operation.method)
        .text("path", operation.path)
        .text("section", section_of(operation))
        .text("access", is_reading_method(operation.method) ? "read" : "write")
        .boolean("inferred", true)
        .to_string();
}

/// What is left to a person, on standard error: standard output is the file.
void tell_what_to_review(const OpenApiDocument& document) {
    for (const std::string& note : document.notes) std::fprintf(stderr, "%s\n", note.c_str());
    std::set<std::string> sections;
    for (const Operation& operation : document.operations) {
        sections.insert(section_of(operation));
        const std::string word = lookup_word(operation.path, operation.id);
        if (operation.method == "POST" && !word.empty())
            std::fprintf(stderr,
                         "POST %s looks like a look-up (%s): \"access\": \"read\" if it changes "
                         "nothing\n",
                         operation.path.c_str(), word.c_str());
    }
    for (const std::string_view seed : auth::kSeedSections) sections.erase(std::string(seed));
    const std::vector<std::string> added(sections.begin(), sections.end());
    const std::string& base = document.base_path;
    std::fprintf(stderr,
                 "%zu routes%s. Look at each, and take \"inferred\" out where it is right.\n",
                 document.operations.size(), base.empty() ? "" : (" below " + base).c_str());
    if (!added.empty())
        std::fprintf(stderr, "The configuration needs \"sections\": %s\n",
                     auth::json_array(added).c_str());
}

CliResult<void> from_openapi(const Flags& flags) {
    const auto document = load_document(flags);
    if (document.has_error()) return document.error();
    if (document->operations.empty()) return failed(flags.document + " has no operations");
    if (document->operations.size() > kMaxRoutes)
        return failed(flags.document + " has " + std::to_string(document->operations.size()) +
                      " operations, and a configuration takes " + std::to_string(kMaxRoutes) +
                      " routes: divide the document, or write patterns that end in *");
    std::string out =
        "{\n  \"$comment\": \"Made from an OpenAPI document. Its author did not say which section "
        "a route needs and whether it reads: look at each.\",\n  \"routes\": [\n";
    for (const Operation& operation : document->operations)
        out += "    " + route_json(operation) +
               (&operation == &document->operations.back() ? "\n" : ",\n");
    out += "  ]\n}\n";
    if (auto printed = print(out); printed.has_error()) return printed;
    tell_what_to_review(*document);
    return {};
}

struct Findings {
    std::vector<std::string> uncovered;  ///< "POST /payments": no route takes it.
    std::vector<std::string> unused;     ///< Routes that no operation has.
    std::vector<std::string> lookups;    ///< Routes that write and look as if they read.
    std::size_t operations = 0;          ///< That were compared.
    std::size_t routes = 0;
    std::vector<std::string> overlaps;  ///< Pairs that a server may take for each other.
    bool ok() const { return uncovered.empty() && unused.empty(); }
};

/// A path that the operation could be called with: no literal is like its parameters.
std::string sample_of(const std::string& pattern) {
    std::string out;
    for (std::size_t at = 0; at < pattern.size();) {
        if (pattern[at] != '{') {
            out += pattern[at++];
            continue;
        }
        out += "~sample~";
        at = pattern.find('}', at) + 1;
    }
    return out;
}

/// Whether a path or pattern lies below one of the prefixes, segment by segment; without any, all
/// do.
bool is_below(std::string_view path, const std::vector<std::string>& prefixes) {
    return prefixes.empty() ||
           std::any_of(prefixes.begin(), prefixes.end(), [&](std::string_view prefix) {
               while (prefix.ends_with('/')) prefix.remove_suffix(1);
               return path.starts_with(prefix) &&
                      (path.size() == prefix.size() || path[prefix.size()] == '/');
           });
}

Findings compare(const Config& config, const OpenApiDocument& document,
                 const std::vector<std::string>& prefixes) {
    RouteTable table;
    for (const RouteConfig& config_route : config.routes) {
        Route route;
        route.method = config_route.method;
        route.pattern = config_route.path;
        table.add(std::move(route));
    }
    table.finish();
    Findings findings;
    std::vector<std::string> ids(table.routes().size());
    std::vector<bool> is_used(table.routes().size());
    for (const Operation& operation : document.operations) {
        if (!is_below(operation.path, prefixes)) continue;
        ++findings.operations;
        const RouteMatch match = table.match(operation.method, sample_of(operation.path));
        if (match.route == nullptr) {
            findings.uncovered.push_back(operation.method + " " + operation.path);
            continue;
        }
        is_used[match.route->index] = true;
        ids[match.route->index] = operation.id;
    }
    for (const auto& route : table.routes()) {
        if (!is_below(route->pattern, prefixes)) continue;
        ++findings.routes;
        std::string line = route->method + " " + route->pattern;
        if (!is_used[route->index]) findings.unused.push_back(line);
        const auto& of_config = *std::find_if(
            config.routes.begin(), config.routes.end(), [&](const RouteConfig& candidate) {
                return candidate.method == route->method && candidate.path == route->pattern;
            });
        if (route->method != "POST" || of_config.access != auth::Access::write) continue;
        const std::string word = lookup_word(route->pattern, ids[route->index]);
        if (word.empty()) continue;
        findings.lookups.push_back(line.append(" (").append(word).append(")"));
    }
    return findings;
}

std::vector<std::string> overlaps_of(const Config& config) {
    const auto rights = number_rights(config.routes, config.limits.body_bytes);
    std::vector<RouteShape> shapes;
    for (std::size_t i = 0; i < config.routes.size(); ++i)
        shapes.push_back({config.routes[i].method, config.routes[i].path, rights[i]});
    const auto name_of = [&](std::size_t index) {
        return config.routes[index].method + " " + config.routes[index].path;
    };
    std::vector<std::string> lines;
    for (const RouteOverlap& overlap : find_overlaps(shapes, OverlapDepth::splits).found)
        lines.push_back(name_of(overlap.taken) + " and " + name_of(overlap.other) + ": " +
                        overlap.how());
    return lines;
}

std::string section_of_report(const std::string& title, const std::vector<std::string>& lines) {
    if (lines.empty()) return "";
    std::string out = title + ":\n";
    for (const std::string& line : lines) out += "  " + line + "\n";
    return out;
}

std::string report(const Findings& findings) {
    return section_of_report("Operations that no route covers", findings.uncovered) +
           section_of_report("Routes that no operation has", findings.unused) +
           section_of_report(
               "POST routes that write and look like look-ups (\"access\": \"read\"?)",
               findings.lookups) +
           section_of_report("Routes that a server may take for each other", findings.overlaps) +
           std::to_string(findings.operations) + " operations, " + std::to_string(findings.routes) +
           " routes: " + (findings.ok() ? "they agree.\n" : "they differ.\n");
}

CliResult<void> check_routes(const Flags& flags) {
    const auto config = load_valid_config(flags.config);
    if (config.has_error()) return config.error();
    const auto document = load_document(flags);
    if (document.has_error()) return document.error();
    for (const std::string& prefix : flags.prefixes)
        if (!prefix.starts_with('/'))
            return misused("--prefix " + prefix + ": write the beginning of a path, such as /2.0");
    Findings findings = compare(*config, *document, flags.prefixes);
    findings.overlaps = overlaps_of(*config);
    if (findings.operations == 0 && findings.routes == 0)
        return misused("--prefix: neither a route nor an operation lies below it");
    const std::string text = flags.as_json
                                 ? auth::JsonObject()
                                           .boolean("ok", findings.ok())
                                           .texts("operations_without_route", findings.uncovered)
                                           .texts("routes_without_operation", findings.unused)
                                           .texts("possible_lookups", findings.lookups)
                                           .texts("overlaps", findings.overlaps)
                                           .texts("notes", document->notes)
                                           .to_string() +
                                       "\n"
                                 : report(findings);
    if (!flags.as_json)
        for (const std::string& note : document->notes) std::fprintf(stderr, "%s\n", note.c_str());
    if (auto printed = print(text); printed.has_error()) return printed;
    return findings.ok() ? CliResult<void>() : CliResult<void>(Failure(kFailed, ""));
}

Command add(Command parent, const char* name, const char* description, Flags& flags) {
    Command sub = parent.add_command(name, description);
    sub.add_option("FILE", flags.document,
                   "OpenAPI 3 or Swagger 2 document in JSON; - is standard input")
        .required();
    sub.add_option("--base-path", flags.base,
                   "Base path of its paths (default: that of its first server)")
        .option_text("PATH");
    return sub;
}

}  // namespace

void add_routes(Command app, Session& session) {
    Command parent =
        app.add_command("routes", "Make routes from an OpenAPI document, or compare them with it");
    parent.require_command();
    const auto flags = std::make_shared<Flags>();
    {
        Command sub = add(parent, "from-openapi", "Print a routes file, for review", *flags);
        on_run(sub, session, [flags, sub] {
            flags->has_base = sub.was_given("--base-path");
            return from_openapi(*flags);
        });
    }
    Command sub = add(parent, "check", "Compare the routes of a configuration with it", *flags);
    sub.add_option("-c,--config", flags->config, "Configuration").option_text("FILE").required();
    sub.add_option("--prefix", flags->prefixes,
                   "Compare only what lies below this path, such as /2.0; repeat for more")
        .option_text("PATH");
    sub.add_flag("--json", flags->as_json, "Print one JSON object");
    sub.footer("Exit code 1 when an operation has no route, or a route no operation.");
    on_run(sub, session, [flags, sub] {
        flags->has_base = sub.was_given("--base-path");
        return check_routes(*flags);
    });
}

}  // namespace kwikgate::gateway::cli
