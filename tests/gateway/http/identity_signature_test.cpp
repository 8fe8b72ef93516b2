#include "gateway/http/identity_signature.hpp"

#include <gtest/gtest.h>

#include <string>

#include "auth/ascii.hpp"
#include "auth/secret.hpp"
#include "gateway/http/forwarding.hpp"
#include "gateway/http/request_parser.hpp"

namespace kwikgate::gateway::http {
namespace {

constexpr std::string_view kSecret = "an-identity-key-of-more-than-thirty-two-characters";

std::string mac_of(const std::string& lines) {
    auth::HmacSha256 hmac(auth::derive_hmac_key(kSecret).expose());
    hmac.update(lines);
    std::array<std::uint8_t, auth::HmacSha256::kSize> mac;
    hmac.finish(mac);
    return auth::to_hex(mac);
}

class IdentitySignature : public ::testing::Test {
  protected:
    IdentitySignature() {
        principal_.id.assign("tok_1");
        principal_.account.assign("Acme & Co");
        principal_.scheme = auth::Scheme::signature;
        context_.principal = &principal_;
        context_.identity_key = &key_;
        context_.sent_at = 1'800'000'000;
        context_.request_id = "r-1";
        context_.section = "payments";
        context_.access = auth::Access::write;
        context_.client_certificate = "CN=caf\xc3\xa9";
    }
    std::string forwarded(const std::string& request_line, const std::string& fields = {}) {
        const std::string text = request_line + "\r\nHost: a\r\n" + fields + "\r\n";
        RequestHead head;
        std::size_t resume_at = 0;
        EXPECT_EQ(parse_request_head(text, {}, resume_at, head).status, ParseStatus::complete);
        context_.method = head.method;
        std::string out;
        write_upstream_request_head(head, context_, out);
        return out;
    }
    auth::HmacSha256Key key_{auth::derive_hmac_key(kSecret).expose()};
    auth::Principal principal_;
    ForwardingContext context_;
};

TEST_F(IdentitySignature, IsOverMethodTargetIdAndTheIdentityFields) {
    const std::string fields =
        "x-kwik-access: write\nx-kwik-account: Acme & Co\n"
        "x-kwik-client-certificate: CN=caf\xc3\xa9\nx-kwik-environment: live\n"
        "x-kwik-scheme: signature\nx-kwik-section: payments\nx-kwik-time: 1800000000\n"
        "x-kwik-token: tok_1\n";
    const std::pair<std::string, std::string> targets[] = {
        {"/2.0/pay?a=%20&b", "/2.0/pay?a=%20&b"},
        {"/2.0/pay", "/2.0/pay"},
        {"/2.0/pay?", "/2.0/pay?"},
        {"http://a?q", "/?q"},
        {"http://a/x", "/x"},
        {"/" + std::string(1500, 'p') + "?" + std::string(1500, 'q'),
         "/" + std::string(1500, 'p') + "?" + std::string(1500, 'q')}};
    for (const auto& [sent, target] : targets) {
        const std::string out = forwarded("POST " + sent + " HTTP/1.1", "X-Kwik-Signature: no\r\n");
        EXPECT_TRUE(out.starts_with("POST " + target + " HTTP/1.1\r\n")) << out;
        const std::string mac = mac_of("kwikgate-identity-1\nPOST\n" + target + "\nr-1\n" + fields);
        EXPECT_TRUE(
            out.ends_with("X-Kwik-Time: 1800000000\r\nX-Kwik-Token: tok_1\r\n"
                          "X-Kwik-Signature: " +
                          mac + "\r\n\r\n"))
            << out;
        EXPECT_EQ(out.find("Signature: no"), std::string::npos);
    }
}

TEST_F(IdentitySignature, LeavesOutWhatIsNotThere) {
    principal_.account.clear();
    context_.section = {};
    context_.client_certificate = {};
    const std::string out = forwarded("GET / HTTP/1.1");
    EXPECT_TRUE(out.ends_with("X-Kwik-Signature: " +
                              mac_of("kwikgate-identity-1\nGET\n/\nr-1\nx-kwik-access: write\n"
                                     "x-kwik-environment: live\nx-kwik-scheme: signature\n"
                                     "x-kwik-time: 1800000000\nx-kwik-token: tok_1\n") +
                              "\r\n\r\n"))
        << out;
}

TEST_F(IdentitySignature, IsMadeOnlyWithAKey) {
    context_.identity_key = nullptr;
    const std::string out = forwarded("GET / HTTP/1.1");
    EXPECT_EQ(out.find("X-Kwik-Time"), std::string::npos);
    EXPECT_EQ(out.find("X-Kwik-Signature"), std::string::npos);
}

}  // namespace
}  // namespace kwikgate::gateway::http
