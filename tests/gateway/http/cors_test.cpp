#include "gateway/http/cors.hpp"

#include <gtest/gtest.h>

#include <initializer_list>
#include <vector>

#include "auth/request_origin.hpp"

namespace kwikgate::gateway::http {
namespace {

struct Request {
    Request(std::string_view method, std::initializer_list<auth::FieldLine> lines) : fields(lines) {
        for (auth::FieldLine& line : fields) line.known = auth::field_name(line.name);
        view.method = method;
        view.fields = fields;
    }
    std::vector<auth::FieldLine> fields;
    auth::RequestView view;
};

TEST(Cors, ReadsTheMethodThatAPreflightAsksAbout) {
    const Request asked(
        "OPTIONS", {{"origin", "https://a.example"}, {"ACCESS-Control-Request-Method", "POST"}});
    EXPECT_EQ(preflight_method(asked.view), "POST");
    EXPECT_EQ(request_origin(asked.view), "https://a.example");
}

TEST(Cors, TakesNothingElseForAPreflight) {
    const Request post("POST", {{"Origin", "a"}, {"Access-Control-Request-Method", "POST"}});
    const Request anonymous("OPTIONS", {{"Access-Control-Request-Method", "POST"}});
    const Request plain("OPTIONS", {{"Origin", "a"}});
    const Request twice(
        "OPTIONS", {{"Origin", "a"}, {"Origin", "b"}, {"Access-Control-Request-Method", "POST"}});
    for (const Request* request : {&post, &anonymous, &plain, &twice})
        EXPECT_EQ(preflight_method(request->view), "");
}

TEST(Cors, KnowsTheFieldsThatTheGatewayAnswersWith) {
    EXPECT_TRUE(is_cors_field("access-control-allow-origin"));
    EXPECT_TRUE(is_cors_field("Access-Control-Allow-Credentials"));
    EXPECT_FALSE(is_cors_field("Access-Control-"));
    EXPECT_FALSE(is_cors_field("Accept"));
}

TEST(Cors, APreflightAnswerIsOneWholeMessageWithoutABody) {
    PreflightReply reply{"https://a.example", "POST", "r-1", true, "Sun, 06 Nov 1994 08:49:37 GMT"};
    std::string out;
    write_preflight_reply(reply, out);
    EXPECT_TRUE(
        out.starts_with("HTTP/1.1 204 No Content\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n"));
    EXPECT_TRUE(out.ends_with("Connection: keep-alive\r\n\r\n"));
    EXPECT_NE(out.find("\r\nAccess-Control-Allow-Origin: https://a.example\r\n"),
              std::string::npos);
    EXPECT_EQ(out.find("Content-Length"), std::string::npos);
    EXPECT_EQ(out.find("\r\n\r\n"), out.size() - 4);
}

}  // namespace
}  // namespace kwikgate::gateway::http
