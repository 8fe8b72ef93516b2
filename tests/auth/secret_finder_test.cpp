#include "auth/secret_finder.hpp"

#include <gtest/gtest.h>

#include <string>

#include "tests/auth/token_fixture.hpp"

namespace kwikgate::auth {
namespace {

class SecretFinderTest : public TokenFixture {
  protected:
    /// What is left of `text` once the secrets of the token with that key are marked.
    std::string marked(std::string_view key, std::string text) {
        auto reader = store_.reader();
        Sealer sealer(key_);
        const SecretFinder finder(*reader, sealer, key);
        for (std::size_t from = 0;;) {
            const std::string_view rest = std::string_view(text).substr(from);
            const std::string_view found = finder.find_in(rest);
            if (found.empty()) return text;
            from += static_cast<std::size_t>(found.data() - rest.data());
            text.replace(from, found.size(), "#");
            ++from;
        }
    }
};

TEST_F(SecretFinderTest, FindsAGeneratedSecretAsAWord) {
    const IssuedToken token = create(spec());
    const std::string secret(token.api_secret.expose());
    for (const std::string& text : {secret, "a=" + secret + "&b", "\"" + secret + "\"",
                                    "/x/" + secret + "?y", secret + ", " + secret}) {
        std::string expected = text;
        for (auto at = expected.find(secret); at != std::string::npos; at = expected.find(secret))
            expected.replace(at, secret.size(), "#");
        EXPECT_EQ(marked(token.record.api_key, text), expected);
    }
    EXPECT_EQ(marked(token.record.api_key, "nothing"), "nothing");
}

TEST_F(SecretFinderTest, FindsBothSecretsOfARotatedToken) {
    const IssuedToken token = create(spec());
    auto rotated = service().rotate(token.record.id, std::chrono::hours(1));
    ASSERT_TRUE(rotated);
    EXPECT_EQ(marked(token.record.api_key, std::string(token.api_secret.expose()) + " " +
                                               std::string(rotated->api_secret.expose())),
              "# #");
}

TEST_F(SecretFinderTest, FindsAShortImportedSecretAnywhere) {
    for (const std::string& secret : {std::string("a:b/c=d~e"), std::string(64, 'x')}) {
        std::vector<ImportItem> items(1);
        items[0].spec = spec("Imported");
        const std::string key = "partner-key-" + std::to_string(secret.size());
        items[0].credentials = ImportedCredentials{key, SecretString(secret), ""};
        ASSERT_TRUE(service().import(std::move(items)));
        EXPECT_EQ(marked(key, "before" + secret + "after " + secret), "before#after #");
        std::string encoded;
        for (const char c : secret) encoded += c == '/' ? "%2f" : c == 'x' ? "%78" : std::string{c};
        EXPECT_EQ(marked(key, "/p?q=" + encoded + "%2"), "/p?q=#%2");
        EXPECT_EQ(marked(key, secret.substr(1)), secret.substr(1));
    }
}

TEST_F(SecretFinderTest, FindsALongImportedSecretAsAWordThatHoldsSomeDelimiters) {
    const std::string secret = std::string(70, 'y') + "=:/";
    std::vector<ImportItem> items(1);
    items[0].spec = spec("Imported");
    items[0].credentials = ImportedCredentials{"partner-key", SecretString(secret), ""};
    ASSERT_TRUE(service().import(std::move(items)));
    EXPECT_EQ(marked("partner-key", "nonce=\"" + secret + "\"; " + secret), "nonce=\"#\"; #");
}

TEST_F(SecretFinderTest, FindsNothingForAKeyThatNothingHas) {
    const IssuedToken token = create(spec());
    const std::string secret(token.api_secret.expose());
    for (const std::string& key :
         {std::string(), std::string("unknown-key"), std::string(300, 'x')})
        EXPECT_EQ(marked(key, secret), secret);
}

}  // namespace
}  // namespace kwikgate::auth
