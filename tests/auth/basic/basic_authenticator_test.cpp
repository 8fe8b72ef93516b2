#include <gtest/gtest.h>

#include "auth/authenticator.hpp"
#include "auth/base64.hpp"
#include "auth/ip_rules.hpp"
#include "tests/auth/token_fixture.hpp"

namespace kwikgate::auth {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

class BasicAuthentication : public TokenFixture {
  protected:
    BasicAuthentication() : reader_(open_reader()), sealer_(key_), basic_(reader_, sealer_) {}

    Decision authenticate(std::string_view key, std::string_view secret) {
        const std::string plain = std::string(key) + ":" + std::string(secret);
        const std::string value =
            "Basic " + encode_base64(std::span(reinterpret_cast<const std::uint8_t*>(plain.data()),
                                               plain.size()));
        return authenticate_value(value);
    }
    Decision authenticate_value(std::string_view value) {
        const FieldLine lines[] = {{"Authorization", value, FieldName::authorization},
                                   {"Origin", "https://shop.example.com", FieldName::origin}};
        RequestView view;
        view.fields = lines;
        view.client = *parse_ip("192.0.2.9");
        return basic_.authenticate(view, now_, principal_);
    }
    Reason reason_of(std::string_view key, std::string_view secret) {
        const Decision decision = authenticate(key, secret);
        if (!decision.allowed()) {
            EXPECT_EQ(decision.phase, Phase::authenticate);
        }
        return decision.reason;
    }

    store::Reader reader_;
    Sealer sealer_;
    BasicAuthenticator basic_;
    Principal principal_;

  private:
    store::Reader open_reader() {
        auto reader = store_.reader();
        if (!reader) throw std::runtime_error(reader.error().message());
        return std::move(*reader);
    }
};

TEST_F(BasicAuthentication, KnowsWhoCallsByKeyAndSecret) {
    TokenSpec wanted = spec("Shop", true);
    wanted.account = "acc-1";
    wanted.allowed_ips = std::vector<std::string>{"192.0.2.0/24"};
    const IssuedToken token = create(wanted);
    const IssuedToken other = create(spec("Other"));
    ASSERT_EQ(reason_of(token.record.api_key, token.api_secret.expose()), Reason::none);
    EXPECT_EQ(principal_.id.view(), token.record.id);
    EXPECT_EQ(principal_.account.view(), "acc-1");
    EXPECT_EQ(principal_.scheme, Scheme::basic);
    EXPECT_EQ(principal_.secret_generation, 1U);
    EXPECT_TRUE(principal_.address_allowed);
    EXPECT_FALSE(principal_.origin_allowed);
    EXPECT_TRUE(principal_.writable.contains(section("payments")));
    EXPECT_FALSE(principal_.readable.contains(section("orders")));
    EXPECT_EQ(reason_of(other.record.api_key, other.api_secret.expose()), Reason::none);
    EXPECT_EQ(principal_.id.view(), other.record.id);
    EXPECT_TRUE(principal_.writable.empty());
}

TEST_F(BasicAuthentication, RefusesAnUnknownKeyAndAWrongSecretAlike) {
    const IssuedToken token = create(spec());
    const IssuedToken other = create(spec("Other"));
    const std::string& key = token.record.api_key;
    const std::string secret(token.api_secret.expose());
    const Decision wrong_secret = authenticate(key, other.api_secret.expose());
    const Decision unknown_key = authenticate("kwk_live_ak_0123456789abcdefghijkl", secret);
    EXPECT_EQ(wrong_secret.reason, Reason::credential_invalid);
    EXPECT_EQ(unknown_key.reason, wrong_secret.reason);
    EXPECT_EQ(unknown_key.phase, wrong_secret.phase);
}

TEST_F(BasicAuthentication, RefusesAllThatIsAlmostRight) {
    const IssuedToken token = create(spec());
    const std::string& key = token.record.api_key;
    const std::string secret(token.api_secret.expose());
    std::string typo = secret;
    typo.back() = typo.back() == 'a' ? 'b' : 'a';
    const HmacKey k0 = derive_hmac_key(secret);
    const std::string raw_digest(k0.expose().begin(), k0.expose().begin() + 32);
    const struct {
        std::string key, secret;
    } cases[] = {
        {key, typo},
        {key, ""},
        {key, secret.substr(1)},
        {key, secret + "0"},
        {key, secret + std::string(1, '\0')},
        {key, " " + secret},
        {key, raw_digest},  // the same HMAC key, but not the secret
        {key, std::string(k0.expose().begin(), k0.expose().end())},
        {key, key},
        {key, token.record.public_key},
        {token.record.public_key, secret},
        {token.record.id, secret},
        {"", secret},
        {key + " ", secret},
        {key.substr(1), secret},
        {std::string(256, 'k'), secret},
        {std::string(300, 'k'), "s"},
        {std::string("\0\0\0", 3), secret},
    };
    int number = 0;
    for (const auto& c : cases)
        EXPECT_EQ(reason_of(c.key, c.secret), Reason::credential_invalid) << "case " << number++;
    EXPECT_EQ(reason_of(key, secret), Reason::none) << "and the right one still works";
}

TEST_F(BasicAuthentication, RefusesWhatIsNotBasic) {
    for (const std::string_view value :
         {"", "Basic", "Basic !!!!", "Basic a2V5", "Bearer a2V5Og=="})
        EXPECT_EQ(authenticate_value(value).reason, Reason::credential_malformed) << value;
    RequestView empty;
    EXPECT_EQ(basic_.authenticate(empty, now_, principal_).reason, Reason::credential_missing);
}

TEST_F(BasicAuthentication, TakesTheOldSecretUntilItsDeadline) {
    const IssuedToken token = create(spec());
    const auto rotated = service().rotate(token.record.id, hours{1});
    ASSERT_TRUE(rotated);
    const std::string& key = token.record.api_key;
    const auto old_secret = token.api_secret.expose();
    const auto new_secret = rotated->api_secret.expose();
    EXPECT_EQ(reason_of(key, new_secret), Reason::none);
    EXPECT_EQ(principal_.secret_generation, 2U);
    EXPECT_EQ(reason_of(key, old_secret), Reason::none);
    EXPECT_EQ(principal_.secret_generation, 1U);
    now_ += hours{1} - milliseconds{1};
    EXPECT_EQ(reason_of(key, old_secret), Reason::none);
    now_ += milliseconds{1};
    EXPECT_EQ(reason_of(key, old_secret), Reason::credential_invalid);
    EXPECT_EQ(reason_of(key, new_secret), Reason::none);
}

TEST_F(BasicAuthentication, RefusesTheOldSecretAtOnceWithoutAnOverlap) {
    const IssuedToken token = create(spec());
    ASSERT_TRUE(service().rotate(token.record.id, std::chrono::seconds{0}));
    EXPECT_EQ(reason_of(token.record.api_key, token.api_secret.expose()),
              Reason::credential_invalid);
}

TEST_F(BasicAuthentication, NeverTakesAPreviousSecretWithoutADeadline) {
    const IssuedToken token = create(spec());
    ASSERT_TRUE(service().rotate(token.record.id, hours{1}));
    tamper(token.record.id, [](store::TokenRecord& r) { r.previous_secret->valid_until.reset(); });
    EXPECT_EQ(reason_of(token.record.api_key, token.api_secret.expose()),
              Reason::credential_invalid);
}

TEST_F(BasicAuthentication, SettlesWhoBeforeWhatTheyMay) {
    const IssuedToken token = create(spec());
    ASSERT_TRUE(service().set_status(token.record.id, TokenStatus::disabled));
    EXPECT_EQ(reason_of(token.record.api_key, token.api_secret.expose()), Reason::none);
    EXPECT_EQ(principal_.status, TokenStatus::disabled);
    EXPECT_EQ(reason_of(token.record.api_key, "wrong-secret"), Reason::credential_invalid);
}

TEST_F(BasicAuthentication, SeesEveryChangeAtTheNextRequest) {
    const IssuedToken token = create(spec());
    for (int i = 0; i < 10; ++i) {
        const TokenStatus wanted = i % 2 == 0 ? TokenStatus::disabled : TokenStatus::live;
        ASSERT_TRUE(service().set_status(token.record.id, wanted));
        ASSERT_EQ(reason_of(token.record.api_key, token.api_secret.expose()), Reason::none);
        EXPECT_EQ(principal_.status, wanted);
    }
    ASSERT_TRUE(service().erase(token.record.id));
    EXPECT_EQ(reason_of(token.record.api_key, token.api_secret.expose()),
              Reason::credential_invalid);
}

TEST_F(BasicAuthentication, ASealedKeyThatDoesNotOpenIsOurFailure) {
    const IssuedToken token = create(spec());
    tamper(token.record.id, [](store::TokenRecord& r) { r.secret.sealed_key[20] ^= 1; });
    EXPECT_EQ(reason_of(token.record.api_key, token.api_secret.expose()),
              Reason::store_unavailable);
}

TEST_F(BasicAuthentication, AnOldSealedKeyThatDoesNotOpenSpoilsOnlyTheOldSecret) {
    const IssuedToken token = create(spec());
    const auto rotated = service().rotate(token.record.id, hours{1});
    ASSERT_TRUE(rotated);
    tamper(token.record.id, [](store::TokenRecord& r) { r.previous_secret->sealed_key[20] ^= 1; });
    EXPECT_EQ(reason_of(token.record.api_key, rotated->api_secret.expose()), Reason::none);
    EXPECT_EQ(reason_of(token.record.api_key, token.api_secret.expose()),
              Reason::store_unavailable);
}

TEST_F(BasicAuthentication, ASecretMovedToAnotherTokenDoesNotOpen) {
    const IssuedToken mine = create(spec("Mine"));
    const IssuedToken theirs = create(spec("Theirs"));
    tamper(theirs.record.id,
           [&](store::TokenRecord& r) { r.secret.sealed_key = mine.record.secret.sealed_key; });
    EXPECT_EQ(reason_of(theirs.record.api_key, mine.api_secret.expose()),
              Reason::store_unavailable);
}

TEST_F(BasicAuthentication, AnotherMasterKeyLetsNobodyInAndBlamesNobody) {
    const IssuedToken token = create(spec());
    const MasterKey other = MasterKey::generate();
    Sealer sealer(other);
    BasicAuthenticator basic(reader_, sealer);
    const std::string plain = token.record.api_key + ":" + std::string(token.api_secret.expose());
    const std::string value =
        "Basic " +
        encode_base64(std::span(reinterpret_cast<const std::uint8_t*>(plain.data()), plain.size()));
    const FieldLine lines[] = {{"Authorization", value, FieldName::authorization}};
    RequestView view;
    view.fields = lines;
    EXPECT_EQ(basic.authenticate(view, now_, principal_).reason, Reason::store_unavailable);
}

TEST_F(BasicAuthentication, TakesImportedOpaqueCredentials) {
    std::vector<ImportItem> items;
    for (const auto& [key, secret] : {std::pair<std::string, std::string>{"partner-1", "short:pw"},
                                      {"partner-2", std::string(64, 'x')},
                                      {"partner-3", std::string(65, 'x')},
                                      {std::string(255, 'k'), std::string(255, '~')}}) {
        ImportItem item;
        item.spec = spec("Imported");
        item.credentials = ImportedCredentials{key, SecretString(std::string(secret)), ""};
        items.push_back(std::move(item));
    }
    ASSERT_TRUE(service().import(std::move(items)));
    EXPECT_EQ(reason_of("partner-1", "short:pw"), Reason::none);
    EXPECT_EQ(reason_of("partner-2", std::string(64, 'x')), Reason::none);
    EXPECT_EQ(reason_of("partner-3", std::string(65, 'x')), Reason::none);
    EXPECT_EQ(reason_of(std::string(255, 'k'), std::string(255, '~')), Reason::none);
    EXPECT_EQ(reason_of("partner-2", std::string(65, 'x')), Reason::credential_invalid);
    EXPECT_EQ(reason_of("partner-1", std::string("short:pw\0", 9)), Reason::credential_invalid);
}

}  // namespace
}  // namespace kwikgate::auth
