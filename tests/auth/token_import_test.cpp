#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/auth/token_fixture.hpp"

namespace kwikgate::auth {
namespace {

using std::chrono::hours;
using testing::HasSubstr;

class TokenImport : public TokenFixture {
  protected:
    static ImportItem with_credentials(std::string key, std::string secret) {
        ImportItem item;
        item.spec = spec("Imported");
        item.credentials = ImportedCredentials{std::move(key), SecretString(std::move(secret)), ""};
        return item;
    }
    ServiceResult<std::vector<IssuedToken>> import_one(ImportItem item) {
        std::vector<ImportItem> items;
        items.push_back(std::move(item));
        return service().import(std::move(items));
    }
};

TEST_F(TokenImport, KeepsCredentialsSettingsAndOrder) {
    std::vector<ImportItem> items;
    items.push_back(with_credentials("partner-key-1", "partner-secret-1"));
    items.back().created_at = now_ - hours{48};
    items.back().credentials->public_key = "partner-public-1";
    items.push_back(with_credentials("partner-key-2", "partner-secret-2"));
    ImportItem fresh;
    fresh.spec = spec("Fresh", true);
    items.push_back(std::move(fresh));
    const auto imported = service().import(std::move(items));
    ASSERT_TRUE(imported) << imported.error().detail;
    ASSERT_EQ(imported->size(), 3U);
    const auto& first = (*imported)[0];
    EXPECT_EQ(first.record.api_key, "partner-key-1");
    EXPECT_EQ(first.record.public_key, "partner-public-1");
    EXPECT_EQ(first.api_secret.expose(), "partner-secret-1");
    EXPECT_EQ(first.record.created_at, now_ - hours{48});
    EXPECT_EQ(first.record.updated_at, now_);
    EXPECT_TRUE((*imported)[2].record.api_key.starts_with("kwk_live_ak_"));
    EXPECT_EQ((*imported)[2].record.writable.count(), 2);
    for (const IssuedToken& token : *imported)
        EXPECT_EQ(*service().find(token.record.id), token.record);
    EXPECT_EQ(audit().size(), 3U);
    for (const auto& entry : audit()) EXPECT_EQ(entry.action, "token.import");
    EXPECT_EQ(service().list()->front().api_key, "partner-key-1") << "older ids sort first";
}

TEST_F(TokenImport, TakesAllOrNothing) {
    std::vector<ImportItem> items;
    items.push_back(with_credentials("partner-key-1", "partner-secret-1"));
    items.push_back(with_credentials("partner-key-2", "partner-secret-2"));
    items.push_back(with_credentials("partner-key-1", "partner-secret-3"));
    const auto twice = service().import(std::move(items));
    ASSERT_FALSE(twice);
    EXPECT_EQ(twice.error().code, store::Errc::already_exists);
    EXPECT_THAT(twice.error().detail, HasSubstr("Item 3: "));
    EXPECT_TRUE(service().list()->empty());
    EXPECT_TRUE(audit().empty());
}

TEST_F(TokenImport, RefusesCredentialsOutsideTheLimits) {
    const struct {
        std::string key, secret;
    } cases[] = {
        {"short", "partner-secret"},          {"partner-key", "short"},
        {"partner:key", "partner-secret"},    {"partner key 1", "partner-secret"},
        {std::string(256, 'k'), "secret-12"}, {"partner-key", std::string(256, 's')},
        {"partner-key", "partner\nsecret"},   {"kwk_live_ak_typo", "partner-secret"},
        {"partner-key", "kwk_live_sk_typo"},
    };
    int number = 0;
    for (const auto& c : cases) {
        const auto imported = import_one(with_credentials(c.key, c.secret));
        ASSERT_FALSE(imported) << number;
        EXPECT_EQ(imported.error().code, Errc::invalid_credential) << number;
        EXPECT_EQ(imported.error().detail.find(c.secret), std::string::npos);
        ++number;
    }
}

TEST_F(TokenImport, KeepsAnExpiryInThePast) {
    ImportItem item = with_credentials("partner-key-1", "partner-secret-1");
    item.spec.expires_at = std::optional<Timestamp>(now_ - hours{1});
    const auto imported = import_one(std::move(item));
    ASSERT_TRUE(imported);
    EXPECT_EQ(imported->front().record.expires_at, now_ - hours{1});
}

TEST_F(TokenImport, RefusesATokenFromTheFuture) {
    ImportItem item = with_credentials("partner-key-1", "partner-secret-1");
    item.created_at = now_ + hours{1};
    EXPECT_EQ(import_one(std::move(item)).error().code, Errc::invalid_import);
}

TEST_F(TokenImport, BringsASealedTokenBack) {
    const IssuedToken token = create(spec("Shop", true));
    ASSERT_TRUE(service().rotate(token.record.id, hours{1}));
    const store::TokenRecord exported = *service().find(token.record.id);
    ASSERT_TRUE(service().erase(token.record.id));
    ImportItem item;
    item.spec = spec("Shop", true);
    item.spec.read_write.reset();
    item.sealed = exported;
    const auto imported = import_one(std::move(item));
    ASSERT_TRUE(imported) << imported.error().detail;
    const store::TokenRecord& back = imported->front().record;
    EXPECT_EQ(back.id, exported.id);
    EXPECT_EQ(back.api_key, exported.api_key);
    EXPECT_EQ(back.secret, exported.secret);
    EXPECT_EQ(back.previous_secret, exported.previous_secret);
    EXPECT_EQ(back.created_at, exported.created_at);
    EXPECT_EQ(back.readable, exported.readable);
    EXPECT_EQ(back.writable, exported.writable);
    EXPECT_TRUE(imported->front().api_secret.empty());
}

TEST_F(TokenImport, OfATokenThatWritesOnlySomeSectionsIsReadOnly) {
    store::TokenRecord exported = create(spec("Shop", true)).record;
    ASSERT_TRUE(service().erase(exported.id));
    exported.writable = SectionSet{};
    exported.writable.add(section("customers"));
    ImportItem item;
    item.spec = spec();
    item.spec.read_write.reset();
    item.sealed = exported;
    const auto imported = import_one(std::move(item));
    ASSERT_TRUE(imported) << imported.error().detail;
    EXPECT_EQ(imported->front().record.readable, exported.readable);
    EXPECT_TRUE(imported->front().record.writable.empty());
}

TEST_F(TokenImport, RefusesAPreviousSecretOfAnotherMasterKey) {
    const IssuedToken token = create(spec());
    ASSERT_TRUE(service().rotate(token.record.id, hours{1}));
    store::TokenRecord exported = *service().find(token.record.id);
    ASSERT_TRUE(service().erase(token.record.id));
    Sealer elsewhere(MasterKey::generate());
    exported.previous_secret->sealed_key =
        *elsewhere.seal(derive_hmac_key(token.api_secret.expose()), exported.id);
    ImportItem item;
    item.spec = spec();
    item.sealed = exported;
    EXPECT_EQ(import_one(std::move(item)).error().code, Errc::invalid_import);
}

TEST_F(TokenImport, TellsWhenCredentialsCameFromElsewhere) {
    const store::TokenRecord exported = create(spec()).record;
    EXPECT_FALSE(exported.imported_at) << "nobody had it before";
    ASSERT_TRUE(service().erase(exported.id));
    std::vector<ImportItem> items(2);
    items[0].spec = spec();
    items[0].sealed = exported;
    items[1].spec = spec("New");
    items.push_back(with_credentials("partner-key-1", "partner-secret-1"));
    TokenService importing = service();
    auto prepared = importing.prepare_import(std::move(items));
    ASSERT_TRUE(prepared) << prepared.error().detail;
    now_ += hours{1};  // What was signed while the import was prepared was signed before it.
    ASSERT_TRUE(importing.write_import(*prepared));
    EXPECT_EQ(service().find(exported.id)->imported_at, now_);
    EXPECT_EQ(service().find("partner-key-1")->imported_at, now_);
    EXPECT_FALSE(service().find((*prepared)[1].record.id)->imported_at);
}

TEST_F(TokenImport, RefusesASealedSecretOfAnotherTokenOrMasterKey) {
    const IssuedToken token = create(spec());
    const auto sealed_item = [&] {
        ImportItem item;
        item.spec = spec();
        item.sealed = token.record;
        item.sealed->id = "tok_0123456789abcdefghijkl";
        item.sealed->api_key = "another-key";
        item.sealed->public_key.clear();
        return item;
    };
    EXPECT_EQ(import_one(sealed_item()).error().code, Errc::invalid_import);
    ImportItem item = sealed_item();
    item.sealed->id = token.record.id;
    const MasterKey other = MasterKey::generate();
    TokenService elsewhere(store_, other, "cli:tester", [this] { return now_; });
    std::vector<ImportItem> items;
    items.push_back(std::move(item));
    EXPECT_EQ(elsewhere.import(std::move(items)).error().code, Errc::invalid_import);
}

TEST_F(TokenImport, RefusesTwoSourcesOfCredentialsAtOnce) {
    ImportItem item = with_credentials("partner-key-1", "partner-secret-1");
    item.sealed = create(spec()).record;
    EXPECT_EQ(import_one(std::move(item)).error().code, Errc::invalid_import);
}

TEST_F(TokenImport, NamesTheItemAtFault) {
    std::vector<ImportItem> items;
    items.push_back(with_credentials("partner-key-1", "partner-secret-1"));
    items.push_back(with_credentials("partner-key-2", "partner-secret-2"));
    items.back().spec.sections = std::vector<std::string>{"nowhere"};
    const auto imported = service().import(std::move(items));
    EXPECT_EQ(imported.error().code, Errc::invalid_section);
    EXPECT_THAT(imported.error().detail, HasSubstr("Item 2: "));
    EXPECT_TRUE(service().list()->empty());
}

TEST_F(TokenImport, WhatIsPreparedIsNoTokenUntilItIsWritten) {
    std::vector<ImportItem> items;
    items.push_back(with_credentials("partner-key-1", "partner-secret-1"));
    items.push_back(with_credentials("partner-key-2", "partner-secret-2"));
    auto tokens = service().prepare_import(std::move(items));
    ASSERT_TRUE(tokens);
    EXPECT_TRUE(service().list()->empty());
    std::vector<std::size_t> told;
    ASSERT_TRUE(service().write_import(*tokens, [&](std::size_t count) {
        told.push_back(count);
        EXPECT_TRUE(audit().empty());  // Not committed yet, the last time either.
    }));
    EXPECT_EQ(told, (std::vector<std::size_t>{1, 2}));
    EXPECT_EQ(service().list()->size(), 2U);
}

TEST_F(TokenImport, OfNothingIsFine) {
    const auto imported = service().import({});
    ASSERT_TRUE(imported);
    EXPECT_TRUE(imported->empty());
}

}  // namespace
}  // namespace kwikgate::auth
