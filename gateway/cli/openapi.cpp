#include "gateway/cli/openapi.hpp"

#include <simdjson.h>
#include <algorithm>
#include <array>
#include <optional>
#include <set>

#include "auth/ascii.hpp"
#include "gateway/cli/openapi_places.hpp"
#include "gateway/config/route_pattern.hpp"
#include "gateway/json/fitting_json.hpp"
#include "gateway/json/utf8_text.hpp"
#include "gateway/pipeline/route_table.hpp"

namespace kwikgate::gateway::cli {
namespace {

using simdjson::dom::element;
using simdjson::dom::object;

constexpr std::size_t kMostOperations = 100'000;
constexpr std::size_t kLongestSlug = 64;

/// Lower case, everything else than letters and digits as single inner hyphens.
std::string slug(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (out.size() == kLongestSlug) break;
        if (auth::is_alphanumeric(c)) {
            out += auth::to_lower(c);
        } else if (!out.empty() && out.back() != '-') {
            out += '-';
        }
    }
    while (!out.empty() && out.back() == '-') out.pop_back();
    return out;
}

std::vector<std::string_view> segments_of(std::string_view path) {
    std::vector<std::string_view> out;
    while (!path.empty()) {
        path.remove_prefix(1);
        const std::size_t end = std::min(path.find('/'), path.size());
        out.push_back(path.substr(0, end));
        path.remove_prefix(end);
    }
    return out;
}

/// A parameter for the whole rest of a path: "{proxy+}" of API gateways, "{+path}" of RFC 6570,
/// "{path*}", "{path...}" of routers.
bool is_rest(std::string_view segment) {
    return segment.starts_with('{') && segment.ends_with('}') &&
           (segment.find_first_of("+*") != std::string_view::npos || segment.ends_with("...}"));
}

/// "{user-id}" as "{user_id}"; a segment that is only partly a parameter as a whole one.
std::string pattern_segment(std::string_view segment) {
    const std::size_t open = segment.find('{');
    if (open == std::string_view::npos) return std::string(segment);
    if (is_rest(segment)) return "*";
    const std::size_t close = segment.find('}', open);
    std::string name;
    for (const char c : segment.substr(open + 1, std::min(close, segment.size()) - open - 1))
        name += auth::is_alphanumeric(c) ? c : '_';
    return "{" + name + "}";
}

std::string to_pattern(std::string_view path) {
    std::string out;
    for (const std::string_view segment : segments_of(path)) out += "/" + pattern_segment(segment);
    // One that stands twice in a path is told apart by its place.
    std::set<std::string> seen;
    std::string unique;
    for (const std::string_view segment : segments_of(out)) {
        std::string name(segment);
        if (name.starts_with('{') && !seen.insert(name).second)
            name.insert(name.size() - 1, "_" + std::to_string(seen.size() + 1));
        unique += "/" + name;
    }
    return unique;
}

bool is_operation(std::string_view key) {
    constexpr std::array<std::string_view, 8> kKeys = {"get",     "put",  "post",  "delete",
                                                       "options", "head", "patch", "trace"};
    return std::find(kKeys.begin(), kKeys.end(), key) != kKeys.end();
}

bool has_operations(const object& item) {
    return std::any_of(item.begin(), item.end(),
                       [](const auto member) { return is_operation(member.key); });
}

class Reading {
  public:
    /// `base`: before every path, whatever servers the document names.
    Reading(const object& root, const std::string* base, OpenApiDocument& out)
        : root_(root), is_fixed_(base != nullptr), out_(out) {
        out.base_path = is_fixed_ ? path_of_url(*base) : first_server(root).value_or("");
    }

    void path(std::string_view name, const element& value) {
        object item;
        if (name.starts_with("x-") || value.get(item) != simdjson::SUCCESS) return;
        if (!name.starts_with('/')) return note(name, "is no path");
        path_item(name, item, out_.base_path, kMostReferences);
    }

  private:
    static constexpr int kMostReferences = 8;

    std::optional<std::string> first_server(const object& of) {
        std::vector<std::string> paths = base_paths(of);
        if (paths.size() > 1)
            out_.notes.push_back("servers have the base paths \"" + paths[0] + "\" and \"" +
                                 paths[1] + "\": the first is taken, --base-path says another");
        if (paths.empty()) return std::nullopt;
        return std::move(paths.front());
    }

    /// The base path, unless `of` names servers of its own.
    std::string base_for(const object& of, const std::string& otherwise) {
        return is_fixed_ ? otherwise : first_server(of).value_or(otherwise);
    }

    void path_item(std::string_view name, const object& item, const std::string& outer_base,
                   int references_left) {
        const std::string base = base_for(item, outer_base);
        if (const std::string reference = text_of(item, "$ref"); !reference.empty()) {
            const auto target = referenced(root_, reference);
            if (target && references_left > 0) {
                path_item(name, *target, base, references_left - 1);
            } else {
                note(name, "is a $ref to " + reference + ", which is not in this document");
            }
        }
        if (!has_operations(item)) return;
        if (const auto pattern = pattern_of(name, "", base))
            for (const auto member : item) operation(name, base, *pattern, member);
    }

    /// None, with a note, for a path that cannot be a route.
    std::optional<std::string> pattern_of(std::string_view name, const std::string& method,
                                          const std::string& base) {
        const std::string of_method = method.empty() ? "" : method + " ";
        const std::string_view path = name.substr(0, name.find_first_of("?#"));
        if (path != name)
            note(path, of_method +
                           "has a query or a fragment in the document, which no route has: "
                           "it is left out");
        std::string pattern = to_pattern(base + std::string(path));
        if (const auto problem = pattern_problem(pattern)) {
            note(name, of_method + *problem);
            return std::nullopt;
        }
        if (to_pattern(path) != path || base != out_.base_path)
            note(name, of_method + "is taken as " + pattern);
        return pattern;
    }

    void operation(std::string_view name, const std::string& base, const std::string& pattern,
                   const simdjson::dom::key_value_pair& member) {
        if (!is_operation(member.key)) return;
        object described;
        if (member.value.get(described) != simdjson::SUCCESS) return;
        Operation operation{auth::upper_case(member.key), pattern, "",
                            text_of(described, "operationId")};
        if (const std::string own = base_for(described, base); own != base) {
            const auto elsewhere = pattern_of(name, operation.method, own);
            if (!elsewhere) return;
            operation.path = *elsewhere;
        }
        if (known_method(operation.method).empty())
            return note(name, operation.method + " is no method of a route");
        std::string_view tag;
        if (described["tags"].at(0).get(tag) == simdjson::SUCCESS) operation.tag = tag;
        Route route;
        route.method = operation.method;
        route.pattern = operation.path;
        if (const Route* earlier = known_.add(std::move(route)))
            return note(name, operation.method + " is the same route as " + earlier->pattern);
        if (out_.operations.size() < kMostOperations)
            out_.operations.push_back(std::move(operation));
    }

    void note(std::string_view path, const std::string& what) {
        out_.notes.push_back("\"" + printable(path) + "\" " + what);
    }

    const object& root_;
    const bool is_fixed_;
    OpenApiDocument& out_;
    RouteTable known_;
};

constexpr auto kLookups = std::to_array<std::string_view>(
    {"search", "lookup", "lookups",  "query",   "find",    "list",     "get",
     "fetch",  "check",  "validate", "verify",  "preview", "estimate", "calculate",
     "filter", "count",  "compare",  "resolve", "cdv",     "avs"});

bool is_lookup(std::string_view word) {
    return std::find(kLookups.begin(), kLookups.end(), word) != kLookups.end();
}

/// The words of "findByStatus" or "transactions-search", in lower case.
std::vector<std::string> words_of(std::string_view text) {
    std::vector<std::string> words(1);
    for (const char c : text) {
        const bool begins = auth::is_upper(c);
        if ((begins || !auth::is_alphanumeric(c)) && !words.back().empty()) words.emplace_back();
        if (auth::is_alphanumeric(c)) words.back() += auth::to_lower(c);
    }
    return words;
}

/// The first digit of "3.1.0", or of 2.0: YAML without quotes makes a number of it.
char version_of(const object& root, std::string_view name) {
    double number = 0;
    if (root[name].get(number) == simdjson::SUCCESS)
        return number >= 2 && number < 4 ? static_cast<char>('0' + static_cast<int>(number)) : '\0';
    const std::string text = text_of(root, name);
    return text.size() > 1 && text[1] == '.' ? text[0] : '\0';
}

bool is_version(std::string_view segment) {
    if (segment.starts_with('v')) segment.remove_prefix(1);
    return !segment.empty() && segment.find_first_not_of("0123456789.") == std::string_view::npos;
}

}  // namespace

CliResult<OpenApiDocument> read_openapi(std::string_view json, const std::string* base) {
    constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
    if (json.starts_with(kByteOrderMark)) json.remove_prefix(kByteOrderMark.size());
    simdjson::dom::parser parser;
    simdjson::padded_string text(json);
    element document;
    object root;
    auto error = parse_fitting(parser, text, LoneSurrogates::replace, document);
    if (error == simdjson::SUCCESS) error = document.get(root);
    if (error != simdjson::SUCCESS)
        return failed(std::string("is no JSON object (") + simdjson::error_message(error) +
                      "); a document in YAML is converted first: yq . FILE (Debian's yq)");
    const bool is_openapi =
        version_of(root, "openapi") == '3' || version_of(root, "swagger") == '2';
    if (!is_openapi)
        return failed(
            "is no OpenAPI document: it needs \"openapi\": \"3…\" or \"swagger\": \"2…\"");
    object paths;
    if (root["paths"].get(paths) != simdjson::SUCCESS)
        return failed("has no paths, so nothing that a route could be made for");
    OpenApiDocument out;
    Reading reading(root, base, out);
    for (const auto path : paths) reading.path(path.key, path.value);
    return out;
}

std::string section_of(const Operation& operation) {
    if (std::string named = slug(operation.tag); !named.empty()) return named;
    for (const std::string_view segment : segments_of(operation.path)) {
        if (segment.starts_with('{') || is_version(segment) || segment == "api") continue;
        if (std::string named = slug(segment); !named.empty()) return named;
    }
    return "unsorted";
}

std::string lookup_word(std::string_view path, std::string_view operation_id) {
    const auto segments = segments_of(path);
    for (auto segment = segments.rbegin(); segment != segments.rend(); ++segment) {
        if (segment->starts_with('{') || *segment == "*") continue;
        for (const std::string& word : words_of(*segment))
            if (is_lookup(word)) return word;
        break;
    }
    const std::size_t part = operation_id.rfind('/');
    const auto words =
        words_of(part == std::string_view::npos ? operation_id : operation_id.substr(part + 1));
    return is_lookup(words.front()) ? words.front() : std::string();
}

}  // namespace kwikgate::gateway::cli
