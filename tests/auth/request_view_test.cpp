#include "auth/request_view.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace kwikgate::auth {
namespace {

const std::vector<std::pair<std::string, FieldName>>& all_names() {
    static const std::vector<std::pair<std::string, FieldName>> names = {
        {"Accept", FieldName::accept},
        {"Authorization", FieldName::authorization},
        {"Connection", FieldName::connection},
        {"Content-Digest", FieldName::content_digest},
        {"Content-Length", FieldName::content_length},
        {"Content-Type", FieldName::content_type},
        {"Date", FieldName::date},
        {"Expect", FieldName::expect},
        {"Forwarded", FieldName::forwarded},
        {"Host", FieldName::host},
        {"HTTP2-Settings", FieldName::http2_settings},
        {"Keep-Alive", FieldName::keep_alive},
        {"Origin", FieldName::origin},
        {"Proxy-Authenticate", FieldName::proxy_authenticate},
        {"Proxy-Authorization", FieldName::proxy_authorization},
        {"Proxy-Connection", FieldName::proxy_connection},
        {"Retry-After", FieldName::retry_after},
        {"Server", FieldName::server},
        {"Signature", FieldName::signature},
        {"Signature-Input", FieldName::signature_input},
        {"TE", FieldName::te},
        {"Traceparent", FieldName::traceparent},
        {"Tracestate", FieldName::tracestate},
        {"Trailer", FieldName::trailer},
        {"Transfer-Encoding", FieldName::transfer_encoding},
        {"Upgrade", FieldName::upgrade},
        {"Via", FieldName::via},
        {"X-Forwarded-For", FieldName::x_forwarded_for},
        {"X-Forwarded-Host", FieldName::x_forwarded_host},
        {"X-Forwarded-Proto", FieldName::x_forwarded_proto},
        {"X-Request-Id", FieldName::x_request_id},
    };
    return names;
}

std::string with_case(std::string text, char (*change)(char)) {
    for (char& c : text) c = change(c);
    return text;
}
char upper(char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
}
char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

TEST(FieldName, IsFoundInAnyCase) {
    for (const auto& [text, name] : all_names()) {
        EXPECT_EQ(field_name(text), name) << text;
        EXPECT_EQ(field_name(with_case(text, upper)), name) << text;
        EXPECT_EQ(field_name(with_case(text, lower)), name) << text;
    }
}

TEST(FieldName, CoversEveryEnumerator) {
    EXPECT_EQ(all_names().size(), static_cast<std::size_t>(FieldName::retry_after));
}

TEST(FieldName, OneOtherByteAnywhereIsAnotherField) {
    for (const auto& [text, name] : all_names()) {
        for (std::size_t i = 0; i < text.size(); ++i) {
            for (int byte = 0; byte < 256; ++byte) {
                std::string changed = text;
                changed[i] = static_cast<char>(byte);
                const bool same = lower(changed[i]) == lower(text[i]);
                EXPECT_EQ(field_name(changed) == name, same) << text << " " << i << " " << byte;
            }
        }
    }
}

TEST(FieldName, LongerAndShorterNamesAreOthers) {
    for (const auto& [text, name] : all_names()) {
        EXPECT_NE(field_name(text + "x"), name);
        EXPECT_NE(field_name(text.substr(1)), name);
        EXPECT_NE(field_name(text + std::string(1, '\0')), name);
    }
    EXPECT_EQ(field_name(""), FieldName::other);
    EXPECT_EQ(field_name(std::string(300, 'a')), FieldName::other);
    EXPECT_EQ(field_name("X_Forwarded_For"), FieldName::other);
}

TEST(RequestView, FindsTheFirstLineAndCountsAll) {
    const std::vector<FieldLine> lines = {
        {"A", "1", FieldName::other}, {"Via", "2", FieldName::via}, {"Via", "3", FieldName::via}};
    RequestView view;
    view.fields = lines;
    ASSERT_NE(view.find(FieldName::via), nullptr);
    EXPECT_EQ(view.find(FieldName::via)->value, "2");
    EXPECT_EQ(view.count(FieldName::via), 2U);
    EXPECT_EQ(view.find(FieldName::host), nullptr);
    EXPECT_EQ(view.count(FieldName::host), 0U);
}

}  // namespace
}  // namespace kwikgate::auth
