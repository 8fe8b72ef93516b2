#include "gateway/telemetry/span_json.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <simdjson.h>

#include <map>
#include <string>
#include <vector>

#include "gateway/json/export_answer.hpp"

namespace kwikgate::gateway {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;
using testing::Not;

constexpr std::string_view kTrace = "0af7651916cd43dd8448eb211c80319c";

/// One span as a collector reads it.
struct ReadSpan {
    std::map<std::string, std::string> members;  ///< Texts and numbers.
    std::map<std::string, std::string> attributes;
    bool is_error = false;
};

std::map<std::string, std::string> read_attributes(simdjson::dom::element holder) {
    std::map<std::string, std::string> out;
    for (const simdjson::dom::element attribute : holder["attributes"].get_array()) {
        const simdjson::dom::object value = attribute["value"];
        EXPECT_EQ(value.size(), 1U);
        for (const auto field : value) {
            EXPECT_TRUE(field.key == "stringValue" || field.key == "intValue") << field.key;
            const std::string name(attribute["key"].get_string().value());
            EXPECT_TRUE(out.emplace(name, field.value.get_string().value()).second) << name;
        }
    }
    return out;
}

std::vector<ReadSpan> read(const std::vector<SpanRecord>& records) {
    simdjson::dom::parser parser;
    const std::string json = spans_json(records, "shop");
    const simdjson::dom::element root = parser.parse(json);
    const simdjson::dom::element resource = root.at_pointer("/resourceSpans/0");
    EXPECT_EQ(read_attributes(resource["resource"]).at("service.name"), "shop");
    std::vector<ReadSpan> out;
    const simdjson::dom::array spans = resource.at_pointer("/scopeSpans/0/spans");
    for (const simdjson::dom::element span : spans) {
        ReadSpan read;
        for (const auto [key, value] : span.get_object()) {
            if (value.is_string()) read.members.emplace(key, value.get_string().value());
            if (value.is_uint64())
                read.members.emplace(key, std::to_string(value.get_uint64().value()));
        }
        read.attributes = read_attributes(span);
        read.is_error = span["status"]["code"].error() == simdjson::SUCCESS &&
                        span["status"]["code"].get_uint64().value() == 2;
        out.push_back(std::move(read));
    }
    return out;
}

class SpanJsonTest : public testing::Test {
  protected:
    SpanJsonTest() {
        route_.pattern = "/2.0/customers/{id}";
        context_.head.method = "GET";
        context_.head.path = "/2.0/customers/secret";
        context_.traceparent.assign("00-" + std::string(kTrace) + "-00f067aa0ba902b7-01");
        context_.request_id.assign("r-1");
        context_.span_id = 0xabc;
        context_.route = &route_;
        context_.started_at = start_;
        context_.status = 200;
    }
    void asks_upstream(unsigned status) {
        context_.attempts = 1;
        context_.upstream_name = "kwik";
        context_.server_name = "[2001:db8::1]:9000";
        context_.upstream_begun_at = start_ + milliseconds(2);
        context_.upstream_head_at = start_ + milliseconds(7);
        context_.status = status;
    }
    std::vector<ReadSpan> spans() const {
        return read({make_span(context_, "public", now_, start_ + milliseconds(10))});
    }

    SteadyTime start_{std::chrono::hours(5)};
    std::chrono::system_clock::time_point now_{std::chrono::seconds(1'700'000'000)};
    Route route_;
    RequestContext context_;
};

TEST_F(SpanJsonTest, ARequestThatWentUpstreamIsTwoSpansOfOneTrace) {
    asks_upstream(200);
    context_.parent_span_id.assign("b7ad6b7169203331");
    const auto both = spans();
    ASSERT_EQ(both.size(), 2U);
    const ReadSpan& server = both[0];
    const ReadSpan& client = both[1];
    for (const ReadSpan& span : both) {
        EXPECT_EQ(span.members.at("traceId"), kTrace);
        EXPECT_EQ(span.attributes.at("http.request.method"), "GET");
        EXPECT_EQ(span.attributes.at("http.response.status_code"), "200");
        EXPECT_EQ(span.attributes.at("kwikgate.upstream"), "kwik");
        EXPECT_FALSE(span.is_error);
        EXPECT_FALSE(span.attributes.contains("error.type"));
    }
    EXPECT_EQ(server.members.at("name"), "GET /2.0/customers/{id}");
    EXPECT_EQ(server.members.at("kind"), "2");
    EXPECT_EQ(server.members.at("spanId"), "0000000000000abc");
    EXPECT_EQ(server.members.at("parentSpanId"), "b7ad6b7169203331");
    EXPECT_EQ(server.members.at("flags"), std::to_string(0x301));
    EXPECT_EQ(server.members.at("startTimeUnixNano"), "1699999999990000000");
    EXPECT_EQ(server.members.at("endTimeUnixNano"), "1700000000000000000");
    EXPECT_EQ(server.attributes.at("http.route"), "/2.0/customers/{id}");
    EXPECT_EQ(server.attributes.at("kwikgate.reason"), "none");
    EXPECT_EQ(client.members.at("kind"), "3");
    EXPECT_EQ(client.members.at("spanId"), "00f067aa0ba902b7") << "as the upstream was told";
    EXPECT_EQ(client.members.at("parentSpanId"), "0000000000000abc");
    EXPECT_EQ(client.members.at("startTimeUnixNano"), "1699999999992000000");
    EXPECT_EQ(client.members.at("endTimeUnixNano"), "1699999999997000000");
    EXPECT_EQ(client.attributes.at("server.address"), "2001:db8::1");
    EXPECT_EQ(client.attributes.at("server.port"), "9000");
}

TEST_F(SpanJsonTest, ARefusalIsOneSpanWithItsReason) {
    context_.decision =
        auth::Decision::refuse(auth::Reason::section_not_granted, auth::Phase::section);
    context_.status = 403;
    const auto all = spans();
    ASSERT_EQ(all.size(), 1U);
    EXPECT_FALSE(all[0].members.contains("parentSpanId"));
    EXPECT_EQ(all[0].members.at("flags"), std::to_string(0x101));
    EXPECT_EQ(all[0].attributes.at("kwikgate.reason"), "section_not_granted");
    EXPECT_FALSE(all[0].is_error) << "the caller's mistake";
}

TEST_F(SpanJsonTest, FailuresOfTheUpstreamAreErrors) {
    asks_upstream(503);
    for (const ReadSpan& span : spans()) {
        EXPECT_TRUE(span.is_error);
        EXPECT_EQ(span.attributes.at("error.type"), "503");
    }
    asks_upstream(404);
    const auto missing = spans();
    EXPECT_FALSE(missing[0].is_error);
    EXPECT_TRUE(missing[1].is_error);

    asks_upstream(504);
    context_.upstream_head_at = {};
    context_.decision =
        auth::Decision::refuse(auth::Reason::upstream_timeout, auth::Phase::upstream);
    const auto late = spans();
    for (const ReadSpan& span : late)
        EXPECT_EQ(span.attributes.at("error.type"), "upstream_timeout");
    EXPECT_FALSE(late[1].attributes.contains("http.response.status_code"));
    EXPECT_EQ(late[1].members.at("endTimeUnixNano"), late[0].members.at("endTimeUnixNano"));
}

TEST_F(SpanJsonTest, AnAnswerThatBreaksOffIsAnErrorWhateverItsStatus) {
    asks_upstream(200);
    context_.termination = Termination::upstream_aborted;
    context_.decision = auth::Decision::refuse(auth::Reason::upstream_reset, auth::Phase::deliver);
    for (const ReadSpan& span : spans()) {
        EXPECT_TRUE(span.is_error);
        EXPECT_EQ(span.attributes.at("error.type"), "upstream_reset");
    }
}

TEST_F(SpanJsonTest, AClientThatLeftIsNoErrorOfOurs) {
    asks_upstream(0);
    context_.upstream_head_at = {};
    context_.termination = Termination::downstream_closed;
    const auto both = spans();
    EXPECT_FALSE(both[0].is_error);
    EXPECT_EQ(both[0].attributes.at("kwikgate.termination"), "downstream_closed");
    EXPECT_EQ(both[1].attributes.at("error.type"), "downstream_closed");
}

TEST_F(SpanJsonTest, SaysNothingThatTheClientChoseButItsIds) {
    context_.head.method = "SECRET";
    context_.route = nullptr;
    const std::string json =
        spans_json(std::vector{make_span(context_, "public", now_, start_)}, "kwikgate");
    EXPECT_THAT(json, Not(HasSubstr("SECRET")));
    EXPECT_THAT(json, Not(HasSubstr("secret")));
    EXPECT_THAT(json, HasSubstr("_OTHER"));
}

TEST_F(SpanJsonTest, NamesTheTokenOnlyOnceItIsProved) {
    context_.principal.id.assign("tok_1");
    EXPECT_FALSE(spans()[0].attributes.contains("kwikgate.token"));
    context_.is_authenticated = true;
    EXPECT_EQ(spans()[0].attributes.at("kwikgate.token"), "tok_1");
}

TEST_F(SpanJsonTest, CountsTriesBeyondTheFirst) {
    asks_upstream(200);
    EXPECT_FALSE(spans()[1].attributes.contains("http.request.resend_count"));
    context_.attempts = 3;
    EXPECT_EQ(spans()[1].attributes.at("http.request.resend_count"), "2");
}

TEST(ExportAnswer, TellsHowManySpansWereRejected) {
    EXPECT_EQ(rejected_spans(R"({"partialSuccess":{"rejectedSpans":"3","errorMessage":"x"}})"), 3U);
    EXPECT_EQ(rejected_spans(R"({"partialSuccess":{"rejectedSpans":4}})"), 4U);
    for (const char* other :
         {"", "{}", "[]", "null", "hello", R"({"partialSuccess":{}})", R"({"partialSuccess":5})",
          R"({"partialSuccess":{"rejectedSpans":-1}})",
          R"({"partialSuccess":{"rejectedSpans":"1x"}})"})
        EXPECT_EQ(rejected_spans(other), 0U) << other;
}

}  // namespace
}  // namespace kwikgate::gateway
