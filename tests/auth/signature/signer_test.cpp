#include "auth/signature/signer.hpp"

#include <gtest/gtest.h>

#include <set>

namespace kwikgate::auth {
namespace {

SigningInput usual() {
    SigningInput input;
    input.method = "GET";
    input.url = "https://api.example.com/2.0/transactions?from=1";
    input.api_key = "kwk_test_ak_1";
    input.created = Timestamp(std::chrono::milliseconds(1'700'000'000'999));
    input.nonce = "n-1";
    return input;
}

TEST(Signer, SignsAFixedRequestAsItAlwaysDid) {
    const auto fields = sign_request(usual(), derive_hmac_key("secret"));
    ASSERT_TRUE(fields);
    EXPECT_EQ(fields->base,
              "\"@method\": GET\n\"@target-uri\": https://api.example.com/2.0/transactions?from=1\n"
              "\"@signature-params\": (\"@method\" \"@target-uri\");created=1700000000;"
              "keyid=\"kwk_test_ak_1\";nonce=\"n-1\";alg=\"hmac-sha256\";tag=\"kwik\"");
    EXPECT_EQ(fields->signature_input,
              "kwik=(\"@method\" \"@target-uri\");created=1700000000;keyid=\"kwk_test_ak_1\";"
              "nonce=\"n-1\";alg=\"hmac-sha256\";tag=\"kwik\"");
    EXPECT_TRUE(fields->content_digest.empty());
}

TEST(Signer, NormalisesTheUrlAsAClientSendsIt) {
    struct Row {
        std::string_view url, target_uri;
    };
    for (const Row& row :
         {Row{"https://API.Example.com:443", "https://api.example.com/"},
          Row{"HTTP://a:80/x#fragment", "http://a/x"}, Row{"https://a?q", "https://a/?q"},
          Row{"http://[::1]:8080/", "http://[::1]:8080/"}}) {
        SigningInput input = usual();
        input.url = row.url;
        const auto fields = sign_request(input, derive_hmac_key("secret"));
        ASSERT_TRUE(fields) << row.url;
        EXPECT_NE(fields->base.find("\"@target-uri\": " + std::string(row.target_uri) + "\n"),
                  std::string::npos)
            << fields->base;
    }
}

TEST(Signer, RefusesWhatCannotBeSigned) {
    const auto refuses = [](auto change) {
        SigningInput input = usual();
        change(input);
        return !sign_request(input, derive_hmac_key("secret"));
    };
    for (const std::string_view url : {"", "api.example.com/", "ftp://a/", "https:///x", "https://",
                                       "https://user@a/", "https://a/b c", "https://\xc3\xbc/"})
        EXPECT_TRUE(refuses([&](SigningInput& input) { input.url = url; })) << url;
    EXPECT_TRUE(refuses([](SigningInput& input) { input.method = ""; }));
    EXPECT_TRUE(refuses([](SigningInput& input) { input.method = "GET\n"; }));
    EXPECT_TRUE(refuses([](SigningInput& input) { input.nonce = "\n"; }));
    EXPECT_TRUE(refuses([](SigningInput& input) { input.api_key = "\xc3\xbc"; }));
    EXPECT_TRUE(refuses([](SigningInput& input) { input.label = "Kwik"; }));
    EXPECT_FALSE(refuses([](SigningInput&) {}));
}

TEST(Signer, CoversTheDigestOfABody) {
    SigningInput input = usual();
    input.body = "";
    const auto fields = sign_request(input, derive_hmac_key("secret"));
    ASSERT_TRUE(fields);
    EXPECT_EQ(fields->content_digest, "sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:");
    EXPECT_NE(fields->base.find("\"content-digest\": " + fields->content_digest),
              std::string::npos);
}

TEST(Signer, MakesNoncesThatDiffer) {
    std::set<std::string> seen;
    for (int i = 0; i < 1000; ++i) {
        const std::string nonce = make_nonce();
        EXPECT_EQ(nonce.size(), 22U);
        EXPECT_TRUE(seen.insert(nonce).second);
    }
}

}  // namespace
}  // namespace kwikgate::auth
