#include "auth/token_service.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "auth/credential.hpp"
#include "tests/auth/token_fixture.hpp"

namespace kwikgate::auth {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::HasSubstr;
using testing::Not;

class TokenServiceTest : public TokenFixture {
  protected:
    boost::system::error_code refused(const TokenSpec& wanted) {
        auto issued = service().create(wanted);
        EXPECT_FALSE(issued);
        if (issued) return {};
        EXPECT_FALSE(issued.error().detail.empty());
        return issued.error().code;
    }
};

TEST_F(TokenServiceTest, CreatesAReadOnlyLiveTokenUnlessToldOtherwise) {
    TokenSpec wanted;
    wanted.name = "Shop";
    wanted.sections = std::vector<std::string>{"payments"};
    const IssuedToken issued = create(wanted);
    const store::TokenRecord& r = issued.record;
    EXPECT_EQ(r.name, "Shop");
    EXPECT_EQ(r.status, TokenStatus::live);
    EXPECT_EQ(r.environment, Environment::live);
    EXPECT_EQ(r.created_at, now_);
    EXPECT_EQ(r.updated_at, now_);
    EXPECT_EQ(r.version, 1U);
    EXPECT_TRUE(r.readable.contains(section("payments")));
    EXPECT_EQ(r.readable.count(), 1);
    EXPECT_TRUE(r.writable.empty());
    EXPECT_EQ(r.secret.generation, 1U);
    EXPECT_EQ(api_key_form(r.api_key), CredentialForm::generated);
    EXPECT_EQ(public_key_form(r.public_key), CredentialForm::generated);
    EXPECT_EQ(api_secret_form(issued.api_secret.expose()), CredentialForm::generated);
    EXPECT_EQ(*service().find(r.id), r);
}

TEST_F(TokenServiceTest, KeepsEverythingThatWasAskedFor) {
    TokenSpec wanted = spec("Everything", true);
    wanted.status = TokenStatus::disabled;
    wanted.environment = Environment::test;
    wanted.account = "Acme 7";
    wanted.expires_at = std::optional<Timestamp>(now_ + hours{1});
    wanted.allowed_ips = std::vector<std::string>{"192.0.2.7/24", "2001:db8::1", "192.0.2.0/24"};
    wanted.allowed_origins =
        std::vector<std::string>{"https://Shop.example.com:443", "https://shop.example.com"};
    wanted.rate = std::optional<store::RateLimit>(store::RateLimit{5, 0});
    wanted.require_signature = true;
    wanted.require_form_signature = true;
    wanted.debug = true;
    const store::TokenRecord r = create(wanted).record;
    EXPECT_EQ(r.status, TokenStatus::disabled);
    EXPECT_TRUE(r.api_key.starts_with("kwk_test_ak_"));
    EXPECT_EQ(r.account, "Acme 7");
    EXPECT_EQ(r.expires_at, now_ + hours{1});
    EXPECT_EQ(r.allowed_ips.size(), 2U);
    EXPECT_EQ(r.allowed_origins, std::vector<std::string>{"https://shop.example.com"});
    EXPECT_EQ(r.rate, (store::RateLimit{5, 0}));
    EXPECT_TRUE(r.require_signature && r.require_form_signature && r.debug);
    EXPECT_EQ(r.writable, r.readable);
    EXPECT_EQ(*service().find(r.api_key), r);
}

TEST_F(TokenServiceTest, RefusesEverySettingOutOfRange) {
    const auto with = [](auto change) {
        TokenSpec wanted = spec();
        change(wanted);
        return wanted;
    };
    using Texts = std::vector<std::string>;
    const struct {
        TokenSpec wanted;
        boost::system::error_code code;
    } cases[] = {
        {with([](TokenSpec& s) { s.name.reset(); }), Errc::invalid_name},
        {with([](TokenSpec& s) { s.name = ""; }), Errc::invalid_name},
        {with([](TokenSpec& s) { s.name = "a\nb"; }), Errc::invalid_name},
        {with([](TokenSpec& s) { s.sections.reset(); }), Errc::no_sections},
        {with([](TokenSpec& s) { s.sections = Texts{}; }), Errc::no_sections},
        {with([](TokenSpec& s) {
             s.sections = Texts{"payments", "refunds"};
         }),
         Errc::invalid_section},
        {with([](TokenSpec& s) { s.sections = Texts{"Payments"}; }), Errc::invalid_section},
        {with([](TokenSpec& s) { s.account = std::string(129, 'a'); }), Errc::invalid_account},
        {with([](TokenSpec& s) { s.account = "a\r\nX-Evil: 1"; }), Errc::invalid_account},
        {with([](TokenSpec& s) { s.account = " padded"; }), Errc::invalid_account},
        {with([](TokenSpec& s) { s.account = "caf\xc3\xa9"; }), Errc::invalid_account},
        {with([this](TokenSpec& s) { s.expires_at = std::optional<Timestamp>(now_); }),
         Errc::invalid_expiry},
        {with([](TokenSpec& s) {
             s.allowed_ips = Texts{"192.0.2.1", "nowhere"};
         }),
         Errc::invalid_address_range},
        {with([](TokenSpec& s) { s.allowed_ips = Texts{""}; }), Errc::invalid_address_range},
        {with([](TokenSpec& s) { s.allowed_origins = Texts{"*"}; }), Errc::invalid_origin},
        {with([](TokenSpec& s) {
             s.rate = std::optional(store::RateLimit{0, 5});
         }),
         Errc::invalid_rate},
        {with([](TokenSpec& s) {
             s.rate = std::optional(store::RateLimit{1'000'001, 5});
         }),
         Errc::invalid_rate},
        {with([](TokenSpec& s) {
             s.allowed_ips = Texts{};
             for (int i = 0; i < 65; ++i) s.allowed_ips->push_back("10.0.0." + std::to_string(i));
         }),
         Errc::invalid_address_range},
        {with([](TokenSpec& s) {
             s.allowed_origins = Texts{};
             for (int i = 0; i < 33; ++i)
                 s.allowed_origins->push_back("http://a" + std::to_string(i));
         }),
         Errc::invalid_origin},
    };
    int number = 0;
    for (const auto& c : cases) EXPECT_EQ(refused(c.wanted), c.code) << "case " << number++;
    EXPECT_TRUE(service().list()->empty());
    EXPECT_TRUE(audit().empty()) << "what was refused left no trace";
}

TEST_F(TokenServiceTest, RefusesAnActorThatTheLogCannotName) {
    for (const std::string& actor :
         {std::string(), std::string("two words"), std::string(129, 'a'), std::string("a\nb")}) {
        EXPECT_EQ(service(actor).create(spec()).error().code, Errc::invalid_actor);
        EXPECT_EQ(service(actor).import({}).error().code, Errc::invalid_actor);
    }
    const IssuedToken token = create(spec());
    EXPECT_EQ(service("").set_status(token.record.id, TokenStatus::disabled).error().code,
              Errc::invalid_actor);
    EXPECT_EQ(service("").erase(token.record.id).error().code, Errc::invalid_actor);
}

TEST_F(TokenServiceTest, ListsInOrderOfCreation) {
    std::vector<std::string> made;
    TokenService service_under_test = service();
    for (int i = 0; i < 20; ++i) {
        if (i % 5 == 0) now_ += milliseconds{1};
        made.push_back(service_under_test.create(spec("T" + std::to_string(i)))->record.id);
    }
    std::vector<std::string> listed;
    for (const auto& record : *service_under_test.list()) listed.push_back(record.id);
    EXPECT_EQ(listed, made);
}

TEST_F(TokenServiceTest, AllowsTheSameNameTwice) {
    EXPECT_NE(create(spec("Same")).record.id, create(spec("Same")).record.id);
}

TEST_F(TokenServiceTest, KeepsPermissionsConsistentWhenSectionsChange) {
    const std::string id = create(spec("Shop", true)).record.id;
    TokenSpec sections;
    sections.sections = std::vector<std::string>{"payments", "orders"};
    auto updated = service().update(id, sections);
    ASSERT_TRUE(updated);
    EXPECT_EQ(updated->writable, updated->readable);
    EXPECT_TRUE(updated->writable.contains(section("orders")));
    EXPECT_FALSE(updated->readable.contains(section("customers")));
    TokenSpec read_only;
    read_only.read_write = false;
    updated = service().update(id, read_only);
    EXPECT_TRUE(updated->writable.empty());
    EXPECT_EQ(updated->readable.count(), 2);
    sections.sections = std::vector<std::string>{"customers"};
    updated = service().update(id, sections);
    EXPECT_TRUE(updated->writable.empty()) << "a read-only token stays one";
    TokenSpec read_write;
    read_write.read_write = true;
    updated = service().update(id, read_write);
    EXPECT_EQ(updated->writable, updated->readable);
}

TEST_F(TokenServiceTest, NeverWidensARecordWhoseSetsDiffer) {
    const std::string id = create(spec("Shop", true)).record.id;
    ASSERT_TRUE(store_.write([&](store::Write& write) -> store::Result<void> {
        auto record = write.token_by_id(id);
        (*record)->writable.remove(section("customers"));
        ++(*record)->version;
        return write.update_token(**record);
    }));
    TokenSpec sections;
    sections.sections = std::vector<std::string>{"customers", "payments", "orders"};
    const auto updated = service().update(id, sections);
    ASSERT_TRUE(updated);
    EXPECT_EQ(updated->readable.count(), 3);
    EXPECT_EQ(updated->writable.count(), 1);
    EXPECT_TRUE(updated->writable.contains(section("payments")));
}

TEST_F(TokenServiceTest, UpdatesOnlyWhatIsSet) {
    TokenSpec wanted = spec("Shop", true);
    wanted.account = "acc";
    wanted.expires_at = std::optional<Timestamp>(now_ + hours{1});
    wanted.rate = std::optional(store::RateLimit{5, 5});
    const store::TokenRecord before = create(wanted).record;
    now_ += seconds{10};
    TokenSpec rename;
    rename.name = "Renamed";
    const auto updated = service().update(before.id, rename);
    ASSERT_TRUE(updated);
    store::TokenRecord expected = before;
    expected.name = "Renamed";
    expected.version = 2;
    expected.updated_at = now_;
    EXPECT_EQ(*updated, expected);
    TokenSpec clear;
    clear.account = "";
    clear.expires_at.emplace(std::nullopt);
    clear.rate.emplace(std::nullopt);
    const auto cleared = service().update(before.id, clear);
    ASSERT_TRUE(cleared);
    EXPECT_TRUE(cleared->account.empty());
    EXPECT_FALSE(cleared->expires_at);
    EXPECT_FALSE(cleared->rate);
}

TEST_F(TokenServiceTest, ARefusedUpdateChangesNothing) {
    const store::TokenRecord before = create(spec()).record;
    TokenSpec wrong;
    wrong.name = "New name";
    wrong.rate = std::optional(store::RateLimit{0, 0});
    EXPECT_EQ(service().update(before.id, wrong).error().code, Errc::invalid_rate);
    TokenSpec moved;
    moved.environment = Environment::test;
    EXPECT_EQ(service().update(before.id, moved).error().code, Errc::invalid_credential);
    EXPECT_EQ(*service().find(before.id), before);
    EXPECT_EQ(audit().size(), 1U);
}

TEST_F(TokenServiceTest, AnUpdateOfAnotherVersionIsRefused) {
    const store::TokenRecord before = create(spec()).record;
    TokenSpec rename;
    rename.name = "First";
    ASSERT_TRUE(service().update(before.id, rename, before.version));
    rename.name = "Second";
    const auto conflict = service().update(before.id, rename, before.version);
    ASSERT_FALSE(conflict);
    EXPECT_EQ(conflict.error().code, store::Errc::version_conflict);
    EXPECT_EQ(service().find(before.id)->name, "First");
}

TEST_F(TokenServiceTest, DisablingTwiceIsFineAndLoggedOnce) {
    const std::string id = create(spec()).record.id;
    const auto first = service().set_status(id, TokenStatus::disabled);
    const auto second = service().set_status(id, TokenStatus::disabled);
    ASSERT_TRUE(first && second);
    EXPECT_EQ(*first, *second);
    EXPECT_EQ(second->status, TokenStatus::disabled);
    ASSERT_EQ(audit().size(), 2U);
    EXPECT_EQ(audit().back().action, "token.disable");
    ASSERT_TRUE(service().set_status(id, TokenStatus::live));
    EXPECT_EQ(audit().back().action, "token.enable");
}

TEST_F(TokenServiceTest, RotationKeepsIdentityAndSettings) {
    TokenSpec wanted = spec("Shop", true);
    wanted.environment = Environment::test;
    const IssuedToken before = create(wanted);
    now_ += hours{1};
    const auto rotated = service().rotate(before.record.id, hours{24});
    ASSERT_TRUE(rotated);
    const store::TokenRecord& r = rotated->record;
    EXPECT_EQ(r.id, before.record.id);
    EXPECT_EQ(r.api_key, before.record.api_key);
    EXPECT_EQ(r.public_key, before.record.public_key);
    EXPECT_EQ(r.readable, before.record.readable);
    EXPECT_EQ(r.secret.generation, 2U);
    EXPECT_EQ(r.secret.created_at, now_);
    ASSERT_TRUE(r.previous_secret);
    EXPECT_EQ(r.previous_secret->generation, 1U);
    EXPECT_EQ(r.previous_secret->valid_until, now_ + hours{24});
    EXPECT_EQ(r.previous_secret->sealed_key, before.record.secret.sealed_key);
    EXPECT_NE(rotated->api_secret.expose(), before.api_secret.expose());
    EXPECT_TRUE(rotated->api_secret.expose().starts_with("kwk_test_sk_"));
    const auto again = service().rotate(before.record.id, seconds{0});
    ASSERT_TRUE(again);
    EXPECT_EQ(again->record.secret.generation, 3U);
    EXPECT_FALSE(again->record.previous_secret);
    EXPECT_EQ(*service().find(before.record.id), again->record);
}

TEST_F(TokenServiceTest, ARotationThatIsPreparedChangesNothingUntilItIsWritten) {
    const IssuedToken before = create(spec());
    auto rotated = service().prepare_rotation(before.record.id, hours{1});
    ASSERT_TRUE(rotated);
    EXPECT_EQ(*service().find(before.record.id), before.record);
    // What changed in between stays.
    ASSERT_TRUE(service().set_status(before.record.id, TokenStatus::disabled));
    const auto promised = rotated->record;
    ASSERT_TRUE(service().write_rotation(*rotated));
    EXPECT_EQ(rotated->record.secret, promised.secret);
    EXPECT_EQ(rotated->record.previous_secret, promised.previous_secret);
    EXPECT_EQ(rotated->record.status, TokenStatus::disabled);
    EXPECT_EQ(*service().find(before.record.id), rotated->record);
}

TEST_F(TokenServiceTest, RotationWantsAnOverlapThatMakesSense) {
    const std::string id = create(spec()).record.id;
    for (const seconds overlap : {seconds{-1}, seconds::max(), seconds::min()})
        EXPECT_EQ(service().rotate(id, overlap).error().code, Errc::invalid_expiry);
}

TEST_F(TokenServiceTest, SaysWhenThereIsNoSuchToken) {
    const std::string id = "tok_0123456789abcdefghijkl";
    EXPECT_EQ(service().find(id).error().code, store::Errc::not_found);
    EXPECT_EQ(service().update(id, spec()).error().code, store::Errc::not_found);
    EXPECT_EQ(service().set_status(id, TokenStatus::live).error().code, store::Errc::not_found);
    EXPECT_EQ(service().rotate(id, seconds{0}).error().code, store::Errc::not_found);
    const auto erased = service().erase(id);
    EXPECT_EQ(erased.error().code, store::Errc::not_found);
    EXPECT_THAT(erased.error().detail, HasSubstr(id));
    EXPECT_EQ(service().find("").error().code, store::Errc::not_found);
    EXPECT_EQ(service().find(std::string(5000, 'x')).error().code, store::Errc::not_found);
}

TEST_F(TokenServiceTest, NeverRepeatsASecretPastedInPlaceOfAnId) {
    const IssuedToken token = create(spec());
    const std::string secret(token.api_secret.expose());
    for (const ServiceError& error :
         {service().find(secret).error(), service().erase(secret).error(),
          service().set_status(secret, TokenStatus::live).error(),
          service().rotate(secret, seconds{0}).error(), service().update(secret, spec()).error()}) {
        EXPECT_EQ(error.code, store::Errc::not_found);
        EXPECT_THAT(error.detail, Not(HasSubstr(secret.substr(12, 8))));
    }
}

TEST_F(TokenServiceTest, ErasedTokensAreGoneAndTheirIdsStayGone) {
    const IssuedToken token = create(spec());
    ASSERT_TRUE(service().erase(token.record.id));
    EXPECT_EQ(service().find(token.record.id).error().code, store::Errc::not_found);
    EXPECT_EQ(service().find(token.record.api_key).error().code, store::Errc::not_found);
    EXPECT_EQ(service().erase(token.record.id).error().code, store::Errc::not_found);
    EXPECT_EQ(audit().back().action, "token.delete");
}

TEST_F(TokenServiceTest, EveryChangeIsAuditedWithBeforeAndAfter) {
    const std::string id = create(spec("Shop", true)).record.id;
    now_ += seconds{1};
    TokenSpec rename;
    rename.name = "Shop \"two\"";
    rename.status = TokenStatus::disabled;
    ASSERT_TRUE(service("admin:adm_1").update(id, rename));
    ASSERT_TRUE(service().rotate(id, seconds{60}));
    ASSERT_TRUE(service().erase(id));
    const auto entries = audit();
    ASSERT_EQ(entries.size(), 4U);
    const char* actions[] = {"token.create", "token.update", "token.rotate", "token.delete"};
    for (std::size_t i = 0; i < 4; ++i) {
        EXPECT_EQ(entries[i].action, actions[i]);
        EXPECT_EQ(entries[i].token_id, id);
    }
    EXPECT_EQ(entries[0].actor, "cli:tester");
    EXPECT_EQ(entries[1].actor, "admin:adm_1");
    EXPECT_EQ(entries[1].at, now_);
    EXPECT_EQ(entries[0].before, "");
    EXPECT_THAT(entries[0].after, HasSubstr(R"("sections":["customers","payments"])"));
    EXPECT_THAT(entries[0].after, HasSubstr(R"("permissions":"read-write")"));
    EXPECT_THAT(entries[1].before, HasSubstr(R"("name":"Shop")"));
    EXPECT_THAT(entries[1].after, HasSubstr(R"("name":"Shop \"two\"")"));
    EXPECT_THAT(entries[1].after, HasSubstr(R"("status":"disabled")"));
    EXPECT_THAT(entries[2].after, HasSubstr(R"("secret_generation":2)"));
    EXPECT_THAT(entries[2].after, HasSubstr(R"("previous_secret_valid_until":"2027-)"));
    EXPECT_EQ(entries[3].after, "");
}

TEST_F(TokenServiceTest, TheAuditLogHoldsNoSecretAndNoWholeKey) {
    const IssuedToken token = create(spec());
    const auto rotated = service().rotate(token.record.id, hours{1});
    ASSERT_TRUE(service().erase(token.record.id));
    for (const auto& entry : audit()) {
        const std::string all = entry.action + entry.actor + entry.before + entry.after;
        EXPECT_THAT(all, Not(HasSubstr("_sk_")));
        EXPECT_THAT(all, Not(HasSubstr(token.record.api_key)));
        EXPECT_THAT(all, Not(HasSubstr(token.record.public_key)));
        EXPECT_THAT(all, Not(HasSubstr(token.record.api_key.substr(12, 10))));
        EXPECT_THAT(all, Not(HasSubstr(std::string(token.api_secret.expose().substr(12, 10)))));
        EXPECT_THAT(all, Not(HasSubstr(std::string(rotated->api_secret.expose().substr(12, 10)))));
    }
}

TEST_F(TokenServiceTest, NoSecretIsInTheStoreFiles) {
    const IssuedToken token = create(spec());
    const HmacKey k0 = derive_hmac_key(token.api_secret.expose());
    const std::string raw(k0.expose().begin(), k0.expose().begin() + 32);
    int files = 0;
    for (const auto& file : std::filesystem::recursive_directory_iterator(directory_.path())) {
        if (!file.is_regular_file()) continue;
        ++files;
        std::ifstream in(file.path(), std::ios::binary);
        const std::string bytes{std::istreambuf_iterator<char>(in), {}};
        EXPECT_EQ(bytes.find(token.api_secret.expose().substr(0, 40)), std::string::npos);
        EXPECT_EQ(bytes.find(raw), std::string::npos);
    }
    EXPECT_GT(files, 0);
}

}  // namespace
}  // namespace kwikgate::auth
