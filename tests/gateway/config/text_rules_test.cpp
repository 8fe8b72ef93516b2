#include "gateway/config/text_rules.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace kwikgate::gateway {
namespace {

struct RuleCase {
    std::string_view name;
    TextProblem (*check)(std::string_view);
    std::vector<std::string> right;
    std::vector<std::string> wrong;
};

const RuleCase kRules[] = {
    {"name",
     name_problem,
     {"a", "Kwik_live-2.0", std::string(64, 'a')},
     {"", "a b", "a/b", "é", std::string(65, 'a')}},
    {"slug",
     slug_problem,
     {"orders", "checkout-page", "a1"},
     {"", "Orders", "a_b", "-a", "a-", "a b", std::string(65, 'a')}},
    {"listen_address",
     listen_address_problem,
     {"127.0.0.1:8080", "0.0.0.0:0", "[::1]:443", "[2001:db8::1]:65535", "[fe80::1%eth0]:80",
      "[::ffff:127.0.0.1]:80"},
     {"", "8080", ":8080", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1",
      "127.0.0.1:080808", "::1:80", "[::1]", "[127.0.0.1]:80", "[::1:80", "localhost:80", "*:80",
      "127.0.0.300:80", "127.0.0.1:80 ", "127.0.0.1%lo:80", "[fe80::1%]:80", "[fe80::1%a b]:80"}},
    {"authority",
     authority_problem,
     {"api.example.com", "api.example.com:8443", "127.0.0.1", "[::1]:80", "[::1]", "my_service",
      "a.", "api.example.com.:443"},
     {"",           "a b",
      "a/b",        "a:0",
      "a:65536",    "a:x",
      ".a",         "a..",
      "a..b",       ".",
      "a:",         "a;b",
      "10.0.0.300", "10.0.0.1.",
      "[]",         "[10.0.0.1]",
      "user@host",  std::string(64, 'a') + ".com",
      "::1",        "https://api.example.com"}},
    {"server_url",
     server_url_problem,
     {"http://127.0.0.1:9000", "https://api.example.com:443", "http://[::1]:80",
      "http://payments.svc.example.com.:80"},
     {"", "127.0.0.1:9000", "ftp://a:1", "HTTP://a:1", "http://a", "http://a:", "http://a:0",
      "http://a:70000", "http://a:1/", "http://a:1/x", "http://a:1?x", "http://u:p@a:1",
      "http://:1", "http:///x", "http://[::1]", "http://999.1.1.1:1", "http://a..:1",
      "http://10.0.0.1.:1", "http://a;b:1"}},
    {"health_path",
     health_path_problem,
     {"", "/", "/healthz?full=1"},
     {"healthz", "/a b", "/a#b", "/\\", "/\n", "/é"}},
    {"media_type",
     media_type_problem,
     {"application/json", "application/x-www-form-urlencoded", "application/vnd.a+json"},
     {"", "json", "/json", "application/", "Application/json", "application/json; charset=utf-8",
      "a/b/c", "a /b"}},
    {"covered_field",
     covered_field_problem,
     {"idempotency-key", "x_a", "host", std::string(64, 'a')},
     {"", "X-A", "@method", "a b", "a:", "signature", "signature-input", "é",
      std::string(65, 'a')}},
    {"via",
     via_problem,
     {"", "kwikgate", "Edge-1", "edge.example", std::string(64, 'a')},
     {"a b", "a\r\nb", "(a)", "a,b", "é", std::string(65, 'a')}},
    {"not_empty", not_empty_problem, {"a"}, {""}},
};

TEST(TextRules, AcceptsTheRightAndRefusesTheWrong) {
    for (const RuleCase& rule : kRules) {
        for (const std::string& text : rule.right)
            EXPECT_EQ(rule.check(text), std::nullopt) << rule.name << ": " << text;
        for (const std::string& text : rule.wrong)
            EXPECT_NE(rule.check(text), std::nullopt) << rule.name << ": " << text;
    }
}

TEST(TextRules, NeverRepeatsAPasswordOfAUrl) {
    const TextProblem problem = server_url_problem("http://user:hunter2@host:80");
    ASSERT_TRUE(problem.has_value());
    EXPECT_EQ(problem->find("hunter2"), std::string::npos);
}

}  // namespace
}  // namespace kwikgate::gateway
