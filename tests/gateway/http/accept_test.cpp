#include "gateway/http/accept.hpp"

#include <gtest/gtest.h>

#include <string>

namespace kwikgate::gateway::http {
namespace {

TEST(Accept, PrefersProblemJsonOnlyWhereItRanksHigher) {
    for (const char* accept :
         {"application/problem+json", "APPLICATION/Problem+JSON",
          "application/problem+json, application/json;q=0.9",
          "application/json;q=0.5,application/problem+json;q=0.6",
          "application/problem+json, */*;q=0.8", "*/*;q=0.1, application/problem+json",
          "application/*, application/json;q=0.2",
          "application/problem+json;charset=utf-8;q=0.3, application/json ; Q=0.2",
          "text/html, application/problem+json;q=0.001"})
        EXPECT_TRUE(prefers_problem_json(accept)) << accept;
    for (const char* accept :
         {"", "*/*", "application/*", "application/json", "text/html",
          "application/json, application/problem+json", "application/problem+json;q=0",
          "application/problem+json;q=0.5, application/json", "application/problem+json;q=0.5, */*",
          "application/problem+json;q=2", "application/problem+json;q=x",
          "application/problem+json;q=1.001", "application/problem+json;q=0.1234", ",,,", ";;;",
          "application/problem+json;q=", "application/problem"})
        EXPECT_FALSE(prefers_problem_json(accept)) << accept;
}

TEST(Accept, LooksAtABoundedNumberOfRanges) {
    std::string accept;
    for (int i = 0; i < 16; ++i) accept += "text/html,";
    EXPECT_FALSE(prefers_problem_json(accept + "application/problem+json"));
    EXPECT_TRUE(prefers_problem_json("application/problem+json," + accept));
}

TEST(AcceptCoding, TakesWhatIsNamedWithAWeight) {
    for (const auto* accepted : {"gzip", "GZip", "br, gzip", "gzip;q=0.001", "deflate,gzip ; q=1"})
        EXPECT_TRUE(accepts_coding(accepted, "gzip")) << accepted;
    for (const auto* accepted : {"", "*", "br", "gzip;q=0", "gzip;q=x", "x-gzip", "gzip2", "gz ip"})
        EXPECT_FALSE(accepts_coding(accepted, "gzip")) << accepted;
}

}  // namespace
}  // namespace kwikgate::gateway::http
