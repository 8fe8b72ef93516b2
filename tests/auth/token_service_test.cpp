#include "auth/token_service.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

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
        {with([](TokenSpec& s) { s.max_concurrent = 1'000'001; }), Errc::invalid_rate},
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

}  // namespace
}  // namespace kwikgate::auth
