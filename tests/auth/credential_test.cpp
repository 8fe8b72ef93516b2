#include "auth/credential.hpp"

#include <gtest/gtest.h>

#include <set>

namespace kwikgate::auth {
namespace {

TEST(GeneratedCredential, HasPrefixLengthAndForm) {
    const struct {
        Environment environment;
        std::string_view word;
    } cases[] = {{Environment::live, "live"}, {Environment::test, "test"}};
    for (const auto& c : cases) {
        const std::string start = "kwk_" + std::string(c.word);
        const auto key = generate_api_key(c.environment);
        const auto secret = generate_api_secret(c.environment);
        const auto public_key = generate_public_key(c.environment);
        ASSERT_TRUE(key && secret && public_key);
        EXPECT_TRUE(key->starts_with(start + "_ak_"));
        EXPECT_EQ(key->size(), 12U + 22U);
        EXPECT_EQ(api_key_form(*key), CredentialForm::generated);
        EXPECT_TRUE(secret->expose().starts_with(start + "_sk_"));
        EXPECT_EQ(secret->expose().size(), 12U + 64U + 6U);
        EXPECT_EQ(api_secret_form(secret->expose()), CredentialForm::generated);
        EXPECT_TRUE(public_key->starts_with(start + "_pk_"));
        EXPECT_EQ(public_key->size(), 12U + 22U);
        EXPECT_EQ(public_key_form(*public_key), CredentialForm::generated);
    }
}

TEST(GeneratedCredential, IsNeverMadeTwice) {
    std::set<std::string> seen;
    for (int i = 0; i < 1000; ++i)
        EXPECT_TRUE(seen.insert(*generate_api_key(Environment::live)).second);
}

TEST(SecretChecksum, IsCrc32OfTheBodyInBase62) {
    // The check value of CRC-32 for "123456789" is cbf43926 = 3421780262.
    const auto digits = secret_checksum("123456789");
    EXPECT_EQ(std::string(digits.data(), digits.size()), "3jZRME");
    const auto zero = secret_checksum("");
    EXPECT_EQ(std::string(zero.data(), zero.size()), "000000");
}

TEST(SecretForm, TellsATypoFromASecret) {
    const auto secret = generate_api_secret(Environment::live);
    ASSERT_TRUE(secret);
    const std::string text(secret->expose());
    for (std::size_t i = kPrefixBytes; i < text.size(); ++i) {
        std::string typo = text;
        typo[i] = typo[i] == 'a' ? 'b' : 'a';
        EXPECT_EQ(api_secret_form(typo), CredentialForm::mistyped) << i;
    }
    EXPECT_EQ(api_secret_form(text + "0"), CredentialForm::mistyped);
    EXPECT_EQ(api_secret_form(text.substr(0, text.size() - 1)), CredentialForm::mistyped);
    EXPECT_EQ(api_secret_form("kwk_live_sk_"), CredentialForm::mistyped);
}

TEST(CredentialForm, OfImportedOnesIsOpaqueWithinTheLimits) {
    const std::string shortest(8, 'a');
    const std::string longest(255, '~');
    for (const std::string& text : {shortest, longest, std::string("p@ss/w0rd!\"\\")}) {
        EXPECT_EQ(api_key_form(text), CredentialForm::opaque);
        EXPECT_EQ(api_secret_form(text), CredentialForm::opaque);
        EXPECT_TRUE(is_importable_key(text));
        EXPECT_TRUE(is_importable_secret(text));
    }
    EXPECT_TRUE(is_importable_secret("secret:with:colons"));
    EXPECT_FALSE(is_importable_key("key:with:colons"));
    for (const std::string& text :
         {std::string(), std::string(7, 'a'), std::string(256, 'a'), std::string("with space"),
          std::string("tab\ttab\ttab"), std::string("line\nline"), std::string("caf\xc3\xa9_cafe"),
          std::string("nul\0nul\0nul", 11), std::string("delete\x7f\x7f")}) {
        EXPECT_EQ(api_key_form(text), CredentialForm::unusable);
        EXPECT_FALSE(is_importable_key(text));
        EXPECT_FALSE(is_importable_secret(text));
    }
}

TEST(Import, RefusesAMistypedCredentialOfOurs) {
    EXPECT_FALSE(is_importable_key("kwk_live_ak_tooshort"));
    EXPECT_FALSE(is_importable_secret("kwk_live_sk_tooshort"));
    EXPECT_FALSE(is_importable_key("kwk_test_pk_tooshort"));
}

TEST(Import, RefusesASecretInThePlaceOfAKey) {
    const auto secret = generate_api_secret(Environment::test);
    EXPECT_TRUE(looks_like_api_secret(secret->expose()));
    EXPECT_FALSE(is_importable_key(secret->expose()));
    EXPECT_FALSE(looks_like_api_secret(*generate_api_key(Environment::test)));
    EXPECT_FALSE(looks_like_api_secret("kwk_prod_sk_"));
}

TEST(PartialCredential, ShowsEnoughToRecogniseAndNotMore) {
    EXPECT_EQ(partial_credential("kwk_live_ak_Ab12CdEfGhIjKlMnOpwXyz"), "kwk_live_ak_Ab12…wXyz");
    EXPECT_EQ(partial_credential("opaque-key-of-a-partner"), "opaq…tner");
    EXPECT_EQ(partial_credential("12345678"), "12…78");
    EXPECT_EQ(partial_credential("abc"), "…");
    EXPECT_EQ(partial_credential(""), "…");
    EXPECT_EQ(partial_credential("kwk_live_ak_"), "kwk_live_ak_…");
}

TEST(PartialCredential, NeverShowsHalfOfTheRandomPart) {
    for (std::size_t size = 0; size < 60; ++size) {
        const std::string text(size, 'x');
        EXPECT_LE(partial_credential(text).size() - 3, size / 2);
    }
}

}  // namespace
}  // namespace kwikgate::auth
