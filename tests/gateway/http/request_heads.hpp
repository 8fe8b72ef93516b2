#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "tests/gateway/http/feeding.hpp"

/// Request heads with the verdict that each must get.
namespace kwikgate::gateway::http {

/// A request head, and what becomes of it.
struct HeadCase {
    const char* clause;
    std::string text;
    auth::Reason reason;  ///< none: accepted.
};

/// Whole, cut in two at every byte, and byte by byte: one verdict.
inline void expect_verdict(const HeadCase& item) {
    SCOPED_TRACE(item.clause);
    SCOPED_TRACE(::testing::PrintToString(item.text));
    const testing::RequestVerdict whole = testing::feed_request(item.text, {});
    EXPECT_EQ(whole.status,
              item.reason == auth::Reason::none ? ParseStatus::complete : ParseStatus::refused);
    EXPECT_EQ(auth::row(whole.reason).token, auth::row(item.reason).token);
    for (std::size_t cut = 0; cut < item.text.size(); ++cut)
        ASSERT_EQ(testing::feed_request(item.text, {cut}), whole) << "cut at " << cut;
    EXPECT_EQ(testing::feed_request(item.text, testing::every_byte(item.text)), whole);
}

inline void expect_verdicts(const std::vector<HeadCase>& cases) {
    for (const HeadCase& item : cases) expect_verdict(item);
}

inline std::string get(std::string_view fields) {
    return std::string{"GET /a HTTP/1.1\r\nHost: a.example\r\n"}.append(fields).append("\r\n");
}

inline std::string post(std::string_view fields) {
    return std::string{"POST /a HTTP/1.1\r\nHost: a.example\r\n"}.append(fields).append("\r\n");
}

}  // namespace kwikgate::gateway::http
