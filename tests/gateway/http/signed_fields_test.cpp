#include "gateway/http/signed_fields.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "auth/signature/structured_field.hpp"
#include "gateway/http/char_class.hpp"
#include "gateway/http/forwarding.hpp"
#include "gateway/http/header_rules.hpp"
#include "gateway/http/request_parser.hpp"

namespace kwikgate::gateway::http {
namespace {

using Fields = std::vector<std::pair<std::string, std::string>>;

/// A request on its way: parsed, held against what its signature covers, forwarded.
struct Passage {
    bool is_refused = false;
    Fields arrived;
};

std::unique_ptr<auth::SignatureInput> covering(const std::vector<std::string>& names,
                                               std::string& text) {
    text = "sig=(\"@method\"";
    for (const std::string& name : names) text += " \"" + name + "\"";
    text += ")";
    auto input = std::make_unique<auth::SignatureInput>();
    auth::FieldParser parser(text);
    parser.start();
    EXPECT_TRUE(parser.more() && auth::read_signature_input(parser, *input)) << text;
    EXPECT_EQ(input->fault, auth::InputFault::none) << text;
    return input;
}

Fields fields_of(const std::string& head) {
    Fields fields;
    for (std::size_t at = head.find("\r\n") + 2; head.compare(at, 2, "\r\n") != 0;) {
        const std::size_t end = head.find("\r\n", at);
        const std::size_t colon = head.find(": ", at);
        fields.emplace_back(head.substr(at, colon - at), head.substr(colon + 2, end - colon - 2));
        at = end + 2;
    }
    return fields;
}

Passage pass(const Fields& fields, const std::vector<std::string>& covered) {
    std::string text = "GET /a HTTP/1.1\r\nHost: client.example\r\n";
    for (const auto& [name, value] : fields) text += name + ": " + value + "\r\n";
    text += "\r\n";
    Passage passage;
    RequestHead head;
    std::size_t resume_at = 0;
    std::string input_text;
    const auto input = covering(covered, input_text);
    passage.is_refused =
        parse_request_head(text, {}, resume_at, head).status != ParseStatus::complete ||
        !covered_fields_arrive({input->components.data(), input->component_count}, head.fields);
    if (passage.is_refused) return passage;
    ForwardingContext context;
    context.method = head.method;
    std::string out;
    write_upstream_request_head(head, context, out);
    passage.arrived = fields_of(out);
    return passage;
}

/// The value as it is signed, and as an upstream reads it: by name, or folded as CGI does.
std::string value_of(const Fields& fields, const std::string& name, bool folds) {
    const auto spelled = [&](std::string text) {
        for (char& c : text) c = folds && !is_class(c, kAlphanumeric) ? '_' : to_lower(c);
        return text;
    };
    std::string value;
    bool is_first = true;
    for (const auto& [other, text] : fields) {
        if (spelled(other) != spelled(name)) continue;
        value += (is_first ? "" : ", ") + text;
        is_first = false;
    }
    return is_first ? "(none)" : value;
}

TEST(SignedFields, MustNotBeNamedByConnection) {
    const Fields fields = {{"Idempotency-Key", "k"}, {"X-Max-Amount", "1"}};
    const std::vector<std::string> covered = {"idempotency-key", "x-max-amount"};
    EXPECT_FALSE(pass(fields, covered).is_refused);
    for (const char* options : {"idempotency-key", "close, X-MAX-AMOUNT", "x-max-amount,"}) {
        Fields attacked = fields;
        attacked.emplace_back("Connection", options);
        EXPECT_TRUE(pass(attacked, covered).is_refused) << options;
        EXPECT_FALSE(pass(attacked, {}).is_refused) << options;
    }
    Fields harmless = fields;
    harmless.emplace_back("Connection", "keep-alive, x-max-amoun, x-other");
    EXPECT_FALSE(pass(harmless, covered).is_refused);
    // Known names stay whatever Connection says; that it says so is still no honest client's.
    EXPECT_TRUE(pass({{"Content-Type", "a/b"}, {"Connection", "content-type"}}, {"content-type"})
                    .is_refused);
}

TEST(SignedFields, MustNotBeShadowed) {
    const std::vector<std::string> covered = {"x-max-amount"};
    EXPECT_TRUE(pass({{"X-Max-Amount", "1"}, {"X_Max_Amount", "9"}}, covered).is_refused);
    EXPECT_TRUE(pass({{"X.Max.Amount", "9"}, {"X-Max-Amount", "1"}}, covered).is_refused);
    EXPECT_TRUE(pass({{"x_max_amount", "1"}, {"X-Max-Amount", "9"}}, {"x_max_amount"}).is_refused);
}

TEST(SignedFields, MustNotBeWithheld) {
    for (const char* name : {"proxy", "x-http-method-override", "x-original-url", "x-real-ip",
                             "content_type", "transfer_encoding"})
        EXPECT_TRUE(pass({{name, "x"}}, {name}).is_refused) << name;
}

TEST(SignedFields, AreExemptWhereTheGatewayConsumesOrSetsThem) {
    EXPECT_FALSE(pass({}, {"host"}).is_refused);
    for (const char* name :
         {"x-request-id", "x-forwarded-for", "x-forwarded-port", "x-kwik-token", "traceparent",
          "tracestate", "te", "forwarded", "proxy-authorization", "via"})
        EXPECT_FALSE(pass({{name, "x"}}, {name}).is_refused) << name;
}

TEST(SignedFields, ArriveAsTheyWereSignedOrTheRequestIsRefused) {
    const std::vector<std::string> names = {
        "idempotency-key", "x-max-amount", "x_max_amount", "content-type",  "content_type",
        "x.max.amount",    "date",         "x-a",          "x-a-b",         "x_a_b",
        "proxy",           "x-real-ip",    "accept",       "x-original-url"};
    std::mt19937 random(11);
    const auto pick = [&](const auto& list) { return list[random() % list.size()]; };
    int passed = 0;
    int refused = 0;
    for (int round = 0; round < 100'000; ++round) {
        Fields sent;
        std::vector<std::string> covered;
        for (std::size_t count = 1 + random() % 3; count > 0; --count) {
            const std::string name = pick(names);
            for (std::size_t lines = 1 + random() % 2; lines > 0; --lines)
                sent.emplace_back(name, std::to_string(random() % 100));
            if (std::find(covered.begin(), covered.end(), name) == covered.end())
                covered.push_back(name);
        }
        // Whoever stands between adds what does not change the signature base.
        Fields attacked = sent;
        for (std::size_t count = random() % 3; count > 0; --count) {
            std::string name = pick(names);
            if (random() % 3 == 0) {
                name = "Connection";
                std::string options = pick(names);
                while (random() % 2 == 0) options += ", " + pick(names);
                attacked.emplace_back(name, options);
                continue;
            }
            std::replace(name.begin(), name.end(), "-_."[random() % 3], "-_.~"[random() % 4]);
            if (std::find(covered.begin(), covered.end(), name) != covered.end()) continue;
            const auto at =
                attacked.begin() + static_cast<std::ptrdiff_t>(random() % (attacked.size() + 1));
            attacked.insert(at, {name, "evil"});
        }
        const Passage passage = pass(attacked, covered);
        (passage.is_refused ? refused : passed)++;
        if (passage.is_refused) continue;
        for (const std::string& name : covered) {
            EXPECT_EQ(value_of(passage.arrived, name, false), value_of(sent, name, false)) << name;
            EXPECT_EQ(value_of(passage.arrived, name, true), value_of(sent, name, false)) << name;
        }
    }
    EXPECT_GT(passed, 10'000);
    EXPECT_GT(refused, 10'000);
}

}  // namespace
}  // namespace kwikgate::gateway::http
