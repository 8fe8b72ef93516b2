#include <gtest/gtest.h>

#include <array>
#include <cctype>
#include <random>
#include <string>
#include <vector>

#include "gateway/http/target.hpp"
#include "gateway/pipeline/route_table.hpp"
#include "tests/gateway/pipeline/route_model.hpp"
#include "tests/support/sanitized.hpp"

/// Random tables and spellings, each judged by the table and by the model.
namespace kwikgate::gateway {
namespace {

using model::Model;
using model::ModelRoute;
using model::Strings;

class Generator {
  public:
    std::vector<ModelRoute> table() {
        std::vector<ModelRoute> routes;
        const unsigned size = 1 + below(6);
        for (unsigned i = 0; i < size; ++i) {
            std::string pattern;
            const unsigned segments = 1 + below(4);
            for (unsigned k = 0; k < segments; ++k)
                pattern += "/" + (one_in(3) ? "{x}" : literal());
            if (one_in(5)) pattern += "/*";
            if (one_in(10) && !pattern.ends_with('*')) pattern += "/";
            routes.push_back({method(), pattern, below(3), one_in(8)});
        }
        return routes;
    }

    std::string method() {
        static const std::array<const char*, 8> kMethods = {"GET", "GET",  "GET",  "GET",
                                                            "GET", "HEAD", "POST", "POST"};
        return kMethods[below(kMethods.size())];
    }

    /// A path that begins as one of the table, spelled by somebody with bad intent.
    std::string path(const std::vector<ModelRoute>& routes) {
        const Strings segments = model::split(routes[below(unsigned(routes.size()))].pattern);
        const bool is_plain = one_in(4);
        std::string path;
        for (const std::string& segment : segments) {
            path += "/";
            if (segment == "*") {
                for (unsigned left = below(3); left > 0; --left)
                    path += word(is_plain) + (left > 1 ? "/" : "");
            } else if (segment.starts_with('{')) {
                path += filling(is_plain);
            } else {
                path += is_plain || !one_in(4) ? segment : spelled(segment);
            }
        }
        if (one_in(8) && path.size() > 1 && path.back() == '/') path.pop_back();
        if (one_in(8) && path.back() != '/') path += "/";
        if (one_in(16)) path += "/" + word(is_plain);
        return path;
    }

    unsigned below(unsigned bound) { return static_cast<unsigned>(random_() % bound); }
    bool one_in(unsigned n) { return below(n) == 0; }

  private:
    std::string literal() {
        static const std::array<const char*, 12> kLiterals = {"a", "a", "b",  "b",  "c",    "1",
                                                              "A", "B", "ab", "aB", "%61b", "a;b"};
        return kLiterals[below(one_in(6) ? 12 : 6)];
    }

    std::string word(bool is_plain) { return is_plain ? plain_word() : spelled(plain_word()); }
    std::string plain_word() {
        static const std::array<const char*, 6> kWords = {"a", "b", "c", "1", "ab", "x"};
        return kWords[below(kWords.size())];
    }

    /// What a parameter may hold: a word, or several with something between them.
    std::string filling(bool is_plain) {
        std::string text = word(is_plain);
        while (!is_plain && one_in(3)) {
            static const std::array<const char*, 9> kBetween = {
                "%2F",   "%2f",   "%252F",
                "%255C", ";",     "%3B",
                "%253b", "%252e", "%252F%252e%252e%252F"};
            text += kBetween[below(kBetween.size())];
            if (!one_in(5)) text += word(false);
        }
        if (!is_plain && one_in(20)) text = ";" + text;
        if (!is_plain && one_in(20)) text = "%252e%252e";
        return text;
    }

    std::string spelled(const std::string& text) {
        std::string out;
        for (const char c : text) {
            const bool is_plain = c == '%' || c == ';';
            switch (is_plain ? 9 : below(10)) {
                case 0:
                    out += escape(c, "%");
                    break;
                case 1:
                    out += escape(c, "%25");
                    break;
                case 2:
                    out += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
                    break;
                case 3:
                    out += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
                    break;
                default:
                    out += c;
            }
        }
        if (one_in(12)) out += ";x";
        return out;
    }

    static std::string escape(char c, const std::string& percent) {
        static const std::string kDigits = "0123456789ABCDEF";
        const auto byte = static_cast<unsigned char>(c);
        return percent + kDigits[byte / 16] + kDigits[byte % 16];
    }

    std::mt19937 random_{20261130};
};

RouteTable table_of(std::vector<ModelRoute>& routes) {
    RouteTable table;
    std::erase_if(routes, [&](const ModelRoute& model) {
        Route route;
        route.method = model.method;
        route.pattern = model.pattern;
        route.rights = model.rights;
        route.opaque = model.opaque;
        return table.add(std::move(route)) != nullptr;
    });
    table.finish();
    return table;
}

std::string verdict_of(const RouteMatch& match) {
    if (match.route != nullptr) return match.route->method + " " + match.route->pattern;
    const bool is_refused =
        match.ambiguity && match.ambiguity.kind != PathAmbiguity::Kind::encoded_slash;
    return is_refused ? "" : "-";
}

std::string text_of(const std::vector<ModelRoute>& routes) {
    std::string text;
    for (const ModelRoute& route : routes)
        text += route.method + " " + route.pattern + " " + std::to_string(route.rights) +
                (route.opaque ? " opaque\n" : "\n");
    return text;
}

TEST(RouteReadings, NoReadingOfALetInPathHasOtherRights) {
    constexpr int kPathsPerTable = 20;
    const int tables = tests::kIsSanitized ? 1'000 : 50'000;
    Generator generator;
    int refused = 0;
    int let_in = 0;
    for (int i = 0; i < tables; ++i) {
        std::vector<ModelRoute> routes = generator.table();
        const RouteTable table = table_of(routes);
        const Model model(routes);
        for (int k = 0; k < kPathsPerTable;) {
            const std::string path = generator.path(routes);
            if (http::split_target(path).reason != auth::Reason::none) continue;
            ++k;
            const std::string method = generator.method();
            const std::string verdict = verdict_of(table.match(method, path));
            ASSERT_EQ(verdict, model.verdict(method, path)) << method << " " << path << "\n"
                                                            << text_of(routes);
            refused += verdict.empty() ? 1 : 0;
            let_in += verdict.size() > 1 ? 1 : 0;
        }
    }
    // Both kinds are plenty, or the spellings were none.
    EXPECT_GT(refused, tables);
    EXPECT_GT(let_in, tables * 2);
}

}  // namespace
}  // namespace kwikgate::gateway
