#include "gateway/cli/openapi.hpp"

#include <simdjson.h>
#include <algorithm>
#include <array>
#include <cctype>
#include <optional>
#include <set>

#include "gateway/config/json_document.hpp"
#include "gateway/config/route_pattern.hpp"
#include "gateway/pipeline/route_table.hpp"

namespace kwikgate::gateway::cli {
namespace {

using simdjson::dom::element;
using simdjson::dom::object;

constexpr std::size_t kMostOperations = 100'000;
constexpr std::size_t kLongestSlug = 64;

std::string text_of(const object& from, std::string_view name) {
    std::string_view text;
    return from[name].get(text) == simdjson::SUCCESS ? std::string(text) : std::string();
}

bool is_word(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0;
}

std::string upper(std::string_view text) {
    std::string out(text);
    for (char& c : out) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    return out;
}

/// Lower case, everything else than letters and digits as single inner hyphens.
std::string slug(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (out.size() == kLongestSlug) break;
        if (is_word(c)) {
            out += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
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

/// The path of "https://host/v1", "/v1" or "{scheme}://host/v1", without a slash at its end.
std::string path_of_url(std::string_view url) {
    const std::size_t scheme = url.find("://");
    if (scheme != std::string_view::npos) {
        const std::size_t slash = url.find('/', scheme + 3);
        url = slash == std::string_view::npos ? std::string_view() : url.substr(slash);
    }
    while (url.ends_with('/')) url.remove_suffix(1);
    return std::string(url);
}

/// Variables of a server's URL in their default values.
std::string with_defaults(std::string url, const object& server) {
    object variables;
    if (server["variables"].get(variables) != simdjson::SUCCESS) return url;
    for (const auto variable : variables) {
        object described;
        if (variable.value.get(described) != simdjson::SUCCESS) continue;
        const std::string name = "{" + std::string(variable.key) + "}";
        const std::size_t at = url.find(name);
        if (at != std::string::npos) url.replace(at, name.size(), text_of(described, "default"));
    }
    return url;
}

std::string base_path(const object& root) {
    object server;
    if (root["servers"].at(0).get(server) == simdjson::SUCCESS)
        return path_of_url(with_defaults(text_of(server, "url"), server));
    return path_of_url(text_of(root, "basePath"));
}

/// "{user-id}" as "{user_id}"; a segment that is only partly a parameter as a whole one.
std::string pattern_segment(std::string_view segment) {
    const std::size_t open = segment.find('{');
    if (open == std::string_view::npos) return std::string(segment);
    const std::size_t close = segment.find('}', open);
    std::string name;
    for (const char c : segment.substr(open + 1, std::min(close, segment.size()) - open - 1))
        name += is_word(c) ? c : '_';
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

class Reading {
  public:
    Reading(std::string base, OpenApiDocument& out) : base_(std::move(base)), out_(out) {}

    void path(std::string_view name, const element& value) {
        object item;
        if (name.starts_with("x-") || value.get(item) != simdjson::SUCCESS) return;
        if (item["$ref"].error() == simdjson::SUCCESS)
            return note(name, "is a $ref, which is not followed");
        if (!name.starts_with('/')) return note(name, "is no path");
        const std::string_view path = name.substr(0, name.find_first_of("?#"));
        const std::string pattern = to_pattern(base_ + std::string(path));
        if (const auto problem = pattern_problem(pattern)) return note(name, *problem);
        if (to_pattern(name) != name) note(name, "is taken as " + pattern);
        for (const auto member : item) operation(name, pattern, member);
    }

  private:
    void operation(std::string_view name, const std::string& pattern,
                   const simdjson::dom::key_value_pair& member) {
        constexpr std::array<std::string_view, 8> kKeys = {"get",     "put",  "post",  "delete",
                                                           "options", "head", "patch", "trace"};
        if (std::find(kKeys.begin(), kKeys.end(), member.key) == kKeys.end()) return;
        object described;
        if (member.value.get(described) != simdjson::SUCCESS) return;
        Operation operation{upper(member.key), pattern, "", text_of(described, "operationId")};
        const auto methods = kRouteMethods;
        if (std::find(methods.begin(), methods.end(), operation.method) == methods.end())
            return note(name, operation.method + " is no method of a route");
        std::string_view tag;
        if (described["tags"].at(0).get(tag) == simdjson::SUCCESS) operation.tag = tag;
        Route route;
        route.method = operation.method;
        route.pattern = pattern;
        if (const Route* earlier = known_.add(std::move(route)))
            return note(name, operation.method + " is the same route as " + earlier->pattern);
        if (out_.operations.size() < kMostOperations)
            out_.operations.push_back(std::move(operation));
    }

    void note(std::string_view path, const std::string& what) {
        out_.notes.push_back(quote(path) + " " + what);
    }

    std::string base_;
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
        const bool begins = std::isupper(static_cast<unsigned char>(c)) != 0;
        if ((begins || !is_word(c)) && !words.back().empty()) words.emplace_back();
        if (is_word(c))
            words.back() += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
    return words;
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
    object root;
    if (const auto error = parser.parse(json.data(), json.size()).get(root))
        return failed(std::string("is no JSON object (") + simdjson::error_message(error) +
                      "); a document in YAML is converted first: yq -o json FILE");
    const bool is_openapi =
        text_of(root, "openapi").starts_with("3.") || text_of(root, "swagger").starts_with("2.");
    object paths;
    if (!is_openapi || root["paths"].get(paths) != simdjson::SUCCESS)
        return failed(
            "is no OpenAPI document: it needs \"openapi\": \"3…\" or \"swagger\": \"2…\","
            " and \"paths\"");
    OpenApiDocument out;
    Reading reading(base == nullptr ? base_path(root) : path_of_url(*base), out);
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
