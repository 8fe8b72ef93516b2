#include "gateway/sandbox/answers.hpp"

#include <simdjson.h>

#include <algorithm>
#include <iterator>

#include "auth/json_text.hpp"

namespace kwikgate::gateway::sandbox {
namespace {

constexpr std::size_t kMaxCounts = 10'000;

std::string_view take_segment(std::string_view& path) {
    const std::size_t slash = path.find('/');
    const std::string_view segment = path.substr(0, slash);
    path.remove_prefix(slash == std::string_view::npos ? path.size() : slash + 1);
    return segment;
}

/// The path of an origin-form or absolute-form target, without the query.
std::string_view path_of(std::string_view target) {
    const std::size_t scheme = target.find("://");
    if (scheme != std::string_view::npos && target.front() != '/') {
        const std::size_t slash = target.find('/', scheme + 3);
        target = slash == std::string_view::npos ? std::string_view("/") : target.substr(slash);
    }
    return target.substr(0, target.find('?'));
}

std::string echo_json(const Received& received) {
    const auto write = [](const auto& field) {
        return auth::json_array({field.first, field.second});
    };
    return auth::JsonObject()
        .text("method", received.method)
        .text("target", received.target)
        .raw("headers", auth::json_array(received.headers, write))
        .number("body_bytes", received.body_bytes)
        .text("body_sha256", received.body_sha256)
        .to_string();
}

/// The member that holds a list and the ids in it, by the resource's name in the path.
struct Shape {
    std::string_view resource, member, id_prefix;
};

constexpr Shape kShapes[] = {
    {"lookups", "lookups", "loo_"},
    {"payment-methods", "payment_methods", "pam_"},
    {"customers", "results", "cus_"},
    {"bank-accounts", "results", "ban_"},
    {"cards", "results", "crd_"},
    {"card-vault", "results", "crd_"},
    {"mandates", "results", "man_"},
    {"electronic-mandates", "results", "man_"},
    {"payments", "results", "pay_"},
    {"collections", "results", "col_"},
    {"transactions", "transactions", "tra_"},
    {"recipients", "results", "rcp_"},
    {"payouts", "results", "pay_"},
    {"orders", "results", "ord_"},
    {"products", "results", "prd_"},
};

Shape shape_of(std::string_view path) {
    path.remove_prefix(std::min<std::size_t>(path.size(), 1));
    take_segment(path);  // "2.0"
    const std::string_view resource = take_segment(path);
    const auto* const found = std::find_if(std::begin(kShapes), std::end(kShapes),
                                           [&](const Shape& s) { return s.resource == resource; });
    return found == std::end(kShapes) ? Shape{resource, "results", "web_"} : *found;
}

std::string error_body(std::string_view code, std::string_view message, const std::string& echo) {
    return auth::JsonObject()
        .boolean("status", false)
        .text("error_code", code)
        .text("error_message", message)
        .raw("echo", echo)
        .to_string();
}

}  // namespace

bool matches(std::string_view pattern, std::string_view path) {
    while (true) {
        if (pattern == "*") return true;
        if (pattern.empty() || path.empty()) return pattern.empty() && path.empty();
        const bool pattern_ends = pattern.find('/') == std::string_view::npos;
        const bool path_ends = path.find('/') == std::string_view::npos;
        const std::string_view expected = take_segment(pattern);
        const std::string_view actual = take_segment(path);
        const bool is_parameter = expected.starts_with('{') && expected.ends_with('}');
        if (is_parameter ? actual.empty() : expected != actual) return false;
        if (pattern_ends || path_ends) return pattern_ends && path_ends;
    }
}

std::optional<Answers> Answers::from_routes(std::string_view routes) {
    simdjson::dom::parser parser;
    simdjson::dom::array list;
    const simdjson::padded_string text(routes);
    if (parser.parse(text)["routes"].get(list) != simdjson::SUCCESS) return std::nullopt;
    Answers answers;
    for (const simdjson::dom::element entry : list) {
        std::string_view method;
        std::string_view path;
        if (entry["method"].get(method) != simdjson::SUCCESS) return std::nullopt;
        if (entry["path"].get(path) != simdjson::SUCCESS) return std::nullopt;
        answers.routes_.push_back({std::string(method), std::string(path)});
    }
    return answers;
}

bool Answers::knows(std::string_view method, std::string_view path) const {
    return std::any_of(routes_.begin(), routes_.end(), [&](const Route& route) {
        return route.method == method && matches(route.pattern, path);
    });
}

std::string Answers::counts() const {
    auth::JsonObject requests;
    for (const auto& [request, count] : counts_) requests.number(request, count);
    return auth::JsonObject()
        .boolean("status", true)
        .number("total", total_)
        .raw("requests", requests.to_string())
        .to_string();
}

/// Three letters, an underscore and 21 characters, as Kwik's ids are.
std::string Answers::next_id(std::string_view prefix) {
    std::string number = std::to_string(++made_);
    return std::string(prefix) + std::string(21 - number.size(), '0') + number;
}

Answer Answers::answer(const Received& received) {
    const std::string_view path = path_of(received.target);
    const std::string_view method =
        received.method == "HEAD" ? std::string_view("GET") : std::string_view(received.method);
    if (path == "/sandbox/requests" && method == "GET") return {200, counts()};
    ++total_;
    const std::string request = received.method + " " + std::string(path);
    if (counts_.size() < kMaxCounts || counts_.contains(request)) ++counts_[request];
    const std::string echo = echo_json(received);
    if (!knows(method, path)) return {404, error_body("006", "Invalid URL parameter", echo)};

    const Shape shape = shape_of(path);
    auth::JsonObject body;
    body.boolean("status", true);
    if (method != "GET") {
        body.raw("result", auth::JsonObject().text("id", next_id(shape.id_prefix)).to_string());
    } else if (path.find("/record/") != std::string_view::npos) {
        body.raw("transaction", auth::JsonObject()
                                    .text("id", next_id(shape.id_prefix))
                                    .text("reference", path.substr(path.rfind('/') + 1))
                                    .to_string());
    } else {
        const std::string first =
            auth::JsonObject().text("id", next_id(shape.id_prefix)).to_string();
        const std::string second =
            auth::JsonObject().text("id", next_id(shape.id_prefix)).to_string();
        body.raw(shape.member, "[" + first + "," + second + "]");
    }
    return {200, body.raw("echo", echo).to_string()};
}

}  // namespace kwikgate::gateway::sandbox
