#include "gateway/sandbox/answers.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kwikgate::gateway::sandbox {
namespace {

using testing::HasSubstr;

Answers answers() {
    return *Answers::from_routes(
        R"({"routes":[{"method":"GET","path":"/2.0/customers/list"},)"
        R"({"method":"POST","path":"/2.0/customers/create"},)"
        R"({"method":"GET","path":"/2.0/transactions/record/{reference}"}]})");
}

Received request(const char* method, const char* target) {
    Received received;
    received.method = method;
    received.target = target;
    return received;
}

TEST(SandboxTest, MatchesPatternsBySegments) {
    EXPECT_TRUE(matches("/a/{x}/c", "/a/b/c"));
    EXPECT_FALSE(matches("/a/{x}/c", "/a//c"));
    EXPECT_FALSE(matches("/a/{x}", "/a/b/c"));
    EXPECT_FALSE(matches("/a/{x}", "/a"));
    EXPECT_FALSE(matches("/a", "/a/"));
    EXPECT_TRUE(matches("/a/*", "/a/b/c"));
    EXPECT_FALSE(matches("/a/b", "/a/B"));
}

TEST(SandboxTest, AnswersKnownRoutesAndEchoesWhatCame) {
    Answers sandbox = answers();
    Received received = request("GET", "/2.0/customers/list?x=1");
    received.headers = {{"X-A", "1"}, {"X-A", "2"}};
    const Answer answer = sandbox.answer(received);
    EXPECT_EQ(answer.status, 200U);
    EXPECT_THAT(answer.body, HasSubstr(R"({"status":true,"results":[)"));
    EXPECT_THAT(answer.body, HasSubstr(R"("target":"/2.0/customers/list?x=1")"));
    EXPECT_THAT(answer.body, HasSubstr(R"("headers":[["X-A","1"],["X-A","2"]])"));
    EXPECT_EQ(sandbox.answer(request("HEAD", "/2.0/customers/list")).status, 200U);
    EXPECT_THAT(sandbox.answer(request("POST", "/2.0/customers/create")).body,
                HasSubstr(R"("result":{"id":"cus_)"));
}

TEST(SandboxTest, AnswersUnknownRoutesAsKwikDoes) {
    Answers sandbox = answers();
    const Answer answer = sandbox.answer(request("POST", "/2.0/customers/list"));
    EXPECT_EQ(answer.status, 404U);
    EXPECT_THAT(answer.body, HasSubstr(R"("status":false,"error_code":"006")"));
}

TEST(SandboxTest, CountsRequestsByMethodAndPath) {
    Answers sandbox = answers();
    sandbox.answer(request("GET", "/2.0/customers/list?page=1"));
    sandbox.answer(request("GET", "/2.0/customers/list?page=2"));
    sandbox.answer(request("POST", "/nowhere"));
    EXPECT_EQ(
        sandbox.answer(request("GET", "/sandbox/requests")).body,
        R"({"status":true,"total":3,"requests":{"GET /2.0/customers/list":2,"POST /nowhere":1}})");
}

TEST(SandboxTest, RefusesARoutesFileItCannotRead) {
    EXPECT_FALSE(Answers::from_routes("{}"));
    EXPECT_FALSE(Answers::from_routes("nonsense"));
    EXPECT_FALSE(Answers::from_routes(R"({"routes":[{"method":"GET"}]})"));
}

}  // namespace
}  // namespace kwikgate::gateway::sandbox
