#include "gateway/telemetry/redaction.hpp"

#include <gtest/gtest.h>

#include <string>

#include "auth/credential.hpp"
#include "tests/auth/token_fixture.hpp"

namespace kwikgate::gateway {
namespace {

class RedactionTest : public auth::TokenFixture {
  protected:
    RedactedHead redact(const std::string& raw) {
        auto reader = store_.reader();
        auth::Sealer sealer(key_);
        return redact_head(raw, *reader, sealer);
    }
    auth::IssuedToken token_ = create(spec());
    std::string key_id_ = token_.record.api_key;
    std::string secret_{token_.api_secret.expose()};
    std::string input_ =
        R"(Signature-Input: a=("@method" "x-a" "cookie");keyid=")" + key_id_ + "\"";
};

TEST_F(RedactionTest, KeepsWhatCountsForASignature) {
    const RedactedHead head =
        redact("GET /a?b HTTP/1.1\r\nHost: h\r\nX-A: 1\r\nX-B: 2\r\nCookie: c\r\n" + input_ +
               "\r\nSignature: a=:AA==:\r\n\r\n");
    const std::string partial = auth::partial_credential(key_id_);
    EXPECT_EQ(head.text,
              "GET /a?b HTTP/1.1\r\nHost: h\r\nX-A: 1\r\nCookie: (redacted)\r\n"
              R"(Signature-Input: a=("@method" "x-a" "cookie");keyid=")" +
                  partial + "\"\r\nSignature: a=:AA==:\r\n\r\n");
    EXPECT_EQ(head.left_out, 2U);
    EXPECT_EQ(head.token, token_.record.id);
}

TEST_F(RedactionTest, TakesOutSecretsAndShortensKeys) {
    const RedactedHead head =
        redact("GET /" + secret_ + "?k=" + key_id_ + "&p=" + token_.record.public_key +
               " HTTP/1.0\r\nHost: " + key_id_ + "\r\nX-A: a;" + secret_ +
               ", kwk_test_sk_mistyped\r\nOrigin: \x80\r\n" + input_ + "\r\n\r\n");
    for (const std::string& secret : {secret_, secret_.substr(12, 20), key_id_,
                                      token_.record.public_key, std::string("mistyped")})
        EXPECT_EQ(head.text.find(secret), std::string::npos) << head.text;
    EXPECT_TRUE(head.text.starts_with("GET /(redacted)?k=kwk_live_ak_")) << head.text;
    EXPECT_NE(head.text.find("a;(redacted), kwk_test_sk_(redacted)\r\n"), std::string::npos);
    EXPECT_NE(head.text.find(" HTTP/1.0\r\n"), std::string::npos);
    EXPECT_EQ(head.left_out, 1U);
}

TEST_F(RedactionTest, KeepsNothingOfWhatIsNoHead) {
    EXPECT_EQ(redact("GET /" + secret_).text, "");
    EXPECT_EQ(redact("").text, "");
}

}  // namespace
}  // namespace kwikgate::gateway
