#include "gateway/proxy/connection_reuse.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace kwikgate::gateway::proxy {
namespace {

using http::BodyFraming;

struct Case {
    const char* name;
    FinishedExchange exchange;
    Reuse cautious;
    Reuse trusting;
};

TEST(ConnectionReuse, IsOneTable) {
    using enum Reuse;
    const BodyFraming none = BodyFraming::none;
    const std::vector<Case> cases = {
        {"length", {}, allowed, allowed},
        {"chunks", {.framing = BodyFraming::chunked}, allowed, allowed},
        {"HEAD", {.is_head_request = true, .framing = none}, no_body, allowed},
        {"HEAD, refused",
         {.is_head_request = true, .status = 404, .framing = none},
         no_body,
         allowed},
        {"204", {.status = 204, .framing = none}, no_body, allowed},
        {"304", {.status = 304, .framing = none}, no_body, allowed},
        {"304 to HEAD",
         {.is_head_request = true, .status = 304, .framing = none},
         no_body,
         allowed},
        {"205 with a length of 0", {.status = 205}, allowed, allowed},
        {"asked to close", {.keeps_alive = false}, asked_to_close, asked_to_close},
        {"until the end", {.framing = BodyFraming::until_close}, asked_to_close, asked_to_close},
        {"early", {.status = 413, .was_early = true}, early_answer, early_answer},
        {"early, and the rest was sent",
         {.was_early = true, .is_request_sent = true},
         early_answer,
         early_answer},
        {"request never sent whole", {.is_request_sent = false}, early_answer, early_answer},
        {"early 204",
         {.status = 204, .framing = none, .was_early = true},
         early_answer,
         early_answer},
        {"odd", {.has_odd_framing = true}, odd_framing, odd_framing},
        {"204 with a length",
         {.status = 204, .framing = none, .has_odd_framing = true},
         odd_framing,
         odd_framing},
    };
    for (const Case& item : cases) {
        EXPECT_EQ(judge_reuse(item.exchange, false), item.cautious) << item.name;
        EXPECT_EQ(judge_reuse(item.exchange, true), item.trusting) << item.name;
    }
}

TEST(ConnectionReuse, TrustReachesNothingButAnswersWithoutABody) {
    for (unsigned bits = 0; bits < 32; ++bits) {
        for (const unsigned status : {200U, 204U, 304U, 413U}) {
            FinishedExchange exchange;
            exchange.status = status;
            exchange.is_head_request = (bits & 1U) != 0;
            exchange.keeps_alive = (bits & 2U) != 0;
            exchange.has_odd_framing = (bits & 4U) != 0;
            exchange.was_early = (bits & 8U) != 0;
            exchange.is_request_sent = (bits & 16U) != 0;
            const Reuse cautious = judge_reuse(exchange, false);
            const Reuse trusting = judge_reuse(exchange, true);
            if (cautious != Reuse::no_body) {
                EXPECT_EQ(trusting, cautious);
            }
            const bool is_plain = exchange.keeps_alive && !exchange.has_odd_framing &&
                                  !exchange.was_early && exchange.is_request_sent;
            EXPECT_EQ(trusting == Reuse::allowed, is_plain);
        }
    }
}

}  // namespace
}  // namespace kwikgate::gateway::proxy
