#include "gateway/http/folded_names.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "gateway/http/char_class.hpp"
#include "gateway/http/header_rules.hpp"
#include "gateway/http/request_parser.hpp"

namespace kwikgate::gateway::http {
namespace {

using auth::FieldLine;
using auth::Reason;

bool are_twins(const std::vector<std::string>& names) {
    std::vector<FieldLine> fields;
    for (const std::string& name : names) fields.push_back({name, "1", auth::field_name(name)});
    return has_twins(fields);
}

TEST(FoldedNames, FindsTwoSpellingsOfOneName) {
    const std::vector<std::vector<std::string>> twins = {
        {"X-Max-Amount", "X_Max_Amount"},
        {"x_max_amount", "A", "B", "X-MAX-AMOUNT"},
        {"X.Max.Amount", "X_Max_Amount"},
        {"X-Max_Amount", "X_Max-Amount"},
        {"X~A", "x!a"},
        {"Idempotency-Key", "idempotency_key"},
        {"Content-Type", "Content_Type"},
        {"content.digest", "Content-Digest"},
        {"Cookie", "A_B", "a-b"},
    };
    for (const auto& names : twins) EXPECT_TRUE(are_twins(names)) << names[0];
}

TEST(FoldedNames, LetsPassWhatNoUpstreamConfuses) {
    const std::vector<std::vector<std::string>> others = {
        {},
        {"X_Max_Amount"},
        {"X_Max_Amount", "X_MAX_AMOUNT", "x_max_amount"},  // One name, repeated.
        {"X-A", "x-a", "X-B", "b_c"},
        {"X--A", "X-A", "X_A_"},  // Each character is folded by itself.
        {"X_AA", "X-A", "XA"},
        // What the upstream does not get cannot shadow anything.
        {"X-Kwik-Token", "X_Kwik_Token"},
        {"X-Forwarded-For", "X_Forwarded_For"},
        {"Content-Length", "content_length"},
        {"Authorization", "authorization_"},
        {"Proxy-A", "proxy_a"},
        {"X-Real-Ip", "x_real_ip"},
    };
    for (const auto& names : others) EXPECT_FALSE(are_twins(names)) << names[0];
}

/// As slow and plain as it can be said.
bool are_twins_said_plainly(const std::vector<std::string>& names) {
    const auto folded = [](std::string name) {
        for (char& c : name) c = is_class(c, kAlphanumeric) ? to_lower(c) : '-';
        return name;
    };
    for (const std::string& a : names)
        for (const std::string& b : names)
            if (folded(a) == folded(b) && !equal_ignoring_case(a, b)) return true;
    return false;
}

TEST(FoldedNames, AgreesWithEveryPairComparedOnRandomNames) {
    std::mt19937 random(3);
    int found = 0;
    for (int round = 0; round < 20'000; ++round) {
        std::vector<std::string> names(1 + random() % 12);
        for (std::string& name : names)
            for (std::size_t length = 1 + random() % 4; length > 0; --length)
                name += "aAbB-_.0"[random() % 8];
        const bool expected = are_twins_said_plainly(names);
        EXPECT_EQ(are_twins(names), expected);
        found += expected ? 1 : 0;
    }
    EXPECT_GT(found, 1000);
    EXPECT_LT(found, 19'000);
}

TEST(FoldedNames, AreRefusedInARequestWhoseNamesAreTwins) {
    const auto judge = [](const std::string& fields) {
        const std::string text = "GET / HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n";
        RequestHead head;
        std::size_t resume_at = 0;
        return parse_request_head(text, {}, resume_at, head).reason;
    };
    EXPECT_EQ(judge("X-Max-Amount: 1\r\nX_Max_Amount: 9\r\n"), Reason::duplicate_field);
    EXPECT_EQ(judge("Content-Type: a/b\r\nContent_Type: c/d\r\n"), Reason::duplicate_field);
    EXPECT_EQ(judge("X_Max_Amount: 9\r\nX_MAX_AMOUNT: 9\r\n"), Reason::none);
    EXPECT_EQ(judge("X-Max-Amount: 1\r\nX-MAX-AMOUNT: 9\r\n"), Reason::none);
}

}  // namespace
}  // namespace kwikgate::gateway::http
