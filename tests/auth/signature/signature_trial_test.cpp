#include "auth/signature/signature_trial.hpp"

#include <array>
#include <functional>

#include "auth/signature/bounded_text.hpp"
#include "auth/signature/sha2.hpp"
#include "auth/signature/structured_field.hpp"
#include "tests/auth/signature/signing_fixture.hpp"

namespace kwikgate::auth {
namespace {

class SignatureTrialTest : public SigningFixture {
  protected:
    std::optional<std::string> other(OwnedRequest& request, std::int64_t now = kNow) {
        const RequestView view = request.view();
        return SignatureTrial(reader_, sealer_, view, at_seconds(now)).other_message();
    }
    static std::string mac_of(std::string_view base, std::string_view secret = kSecret) {
        HmacSha256 hmac(derive_hmac_key(secret).expose());
        hmac.update(base);
        std::array<std::uint8_t, HmacSha256::kSize> mac;
        hmac.finish(mac);
        BoundedText text(memory_);
        write_byte_sequence(mac, text);
        return "kwik=" + std::string(text.view());
    }
    static inline std::array<char, 100> memory_;
};

TEST_F(SignatureTrialTest, FindsWhatWasSignedInstead) {
    struct Row {
        std::string words;
        std::function<void(OwnedRequest&)> change;  ///< After it was signed.
    };
    const Row rows[] = {
        {"the scheme \"https\"", [](OwnedRequest& r) { r.scheme = "http"; }},
        {"the authority \"api.example.com\"",
         [](OwnedRequest& r) { r.authority = "api.example.com:8080"; }},
        {"the authority \"api.example.com\"",
         [](OwnedRequest& r) {
             r.authority = "10.0.0.1:9000";
             r.set("X-Forwarded-Host", "api.example.com, inner");
         }},
        {"the target \"/2.0/customers/list\"",
         [](OwnedRequest& r) { r.target = "/2.0/customers/list/"; }},
        {"the target \"/2.0/customers/list\"",
         [](OwnedRequest& r) { r.target = "/2.0/customers/list?utm=1"; }},
        {"the target \"/2.0/customers/list\"",
         [](OwnedRequest& r) { r.target = "/2.0/customers/l%69st"; }},
        {"the method \"GET\", the scheme \"https\"",
         [](OwnedRequest& r) {
             r.method = "POST";
             r.scheme = "http";
         }},
    };
    for (const Row& row : rows) {
        OwnedRequest request;
        sign(request);
        EXPECT_EQ(other(request), "") << "it is right as it is";
        row.change(request);
        ASSERT_EQ(judge(request), Reason::credential_invalid) << row.words;
        EXPECT_EQ(other(request), row.words);
    }
}

TEST_F(SignatureTrialTest, FindsABaseThatWasPutTogetherInAnotherWay) {
    OwnedRequest request;
    sign(request);
    const std::string base = authenticator_->describe_base(request.view());
    std::string crlf = base;
    for (std::size_t at = crlf.find('\n'); at != std::string::npos; at = crlf.find('\n', at + 2))
        crlf.replace(at, 1, "\r\n");
    const std::pair<std::string, std::string> rows[] = {
        {base + "\n", "its base ends with a line end"},
        {crlf, "the lines of its base end in CR LF"},
        {base.substr(0, base.rfind('\n')), "its base lacks the line @signature-params"},
    };
    for (const auto& [text, words] : rows) {
        request.set("Signature", mac_of(text));
        EXPECT_EQ(other(request), words);
    }
    request.set("Signature-Input",
                "kwik=( \"@method\"   \"@target-uri\");created=1800000000; "
                "keyid=\"" +
                    std::string(kKey) + "\"");
    request.set("Signature",
                mac_of("\"@method\": GET\n\"@target-uri\": https://api.example.com/2.0/customers/"
                       "list\n\"@signature-params\": ( \"@method\"   \"@target-uri\");created="
                       "1800000000; keyid=\"" +
                       std::string(kKey) + "\""));
    EXPECT_EQ(other(request),
              "the parameters of the signature as they were sent, not in the strict form of RFC "
              "9651");
}

TEST_F(SignatureTrialTest, HasNothingToSayOfAnotherSecretOrAnUnknownKey) {
    OwnedRequest request;
    sign(request, "n", kNow, kKey, "another-secret");
    EXPECT_EQ(other(request), std::nullopt);
    sign(request, "n", kNow, "unknown-key", kSecret);
    EXPECT_EQ(other(request), std::nullopt);
    const RequestView view = request.view();
    const SignatureTrial trial(reader_, sealer_, view, at_seconds(kNow));
    EXPECT_EQ(trial.key_id(), "unknown-key");
    EXPECT_EQ(trial.token_id(), "");
    EXPECT_FALSE(trial.fits(authenticator_->describe_base(view)));
}

TEST_F(SignatureTrialTest, TriesEverySecretThatCounts) {
    store::TokenRecord record = add_token("rotating-key", "old-secret");
    rotate(record, "new-secret", at_seconds(kNow + 100));
    for (const std::string_view secret : {"old-secret", "new-secret"}) {
        OwnedRequest request;
        sign(request, "n", kNow, "rotating-key", secret);
        request.scheme = "http";
        EXPECT_EQ(other(request), "the scheme \"https\"");
        EXPECT_EQ(other(request, kNow + 100).has_value(), secret == "new-secret");
    }
}

}  // namespace
}  // namespace kwikgate::auth
