#include "auth/login_ticket.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "auth/admin_key.hpp"
#include "tests/auth/token_fixture.hpp"

namespace kwikgate::auth {
namespace {

class LoginTickets : public TokenFixture {
  protected:
    LoginTickets()
        : id_(create_admin_key(store_, "Ann", "admin", "cli:tester", clock())->record.id) {}
    TokenService::Clock clock() {
        return [this] { return now_; };
    }
    std::string issue() {
        return std::string(issue_login_ticket(store_, key_, id_, "cli:tester", clock())->expose());
    }
    std::string id_;
};

TEST_F(LoginTickets, TellTheirKeyAndTimeAndAreNeverTheSame) {
    const std::string text = issue();
    const auto ticket = open_login_ticket(key_, text);
    ASSERT_TRUE(ticket.has_value());
    EXPECT_EQ(ticket->key_id, id_);
    EXPECT_EQ(ticket->issued_at, now_);
    EXPECT_EQ(ticket->nonce.size(), 22U);
    EXPECT_NE(issue(), text);
}

TEST_F(LoginTickets, OpenUnderTheirMasterKeyOnlyAndNotWithAByteChanged) {
    const std::string text = issue();
    EXPECT_FALSE(open_login_ticket(MasterKey::generate(), text).has_value());
    for (std::size_t i = 0; i < text.size(); ++i) {
        std::string changed = text;
        changed[i] = changed[i] == '1' ? '2' : '1';
        EXPECT_FALSE(open_login_ticket(key_, changed).has_value()) << i;
        EXPECT_FALSE(open_login_ticket(key_, text.substr(0, i)).has_value()) << i;
    }
    EXPECT_FALSE(open_login_ticket(key_, text + "0").has_value());
    EXPECT_FALSE(open_login_ticket(key_, std::string(300, '.')).has_value());
}

TEST_F(LoginTickets, AreAuditedWithoutThemselves) {
    const std::string text = issue();
    const auto entry = audit().back();
    EXPECT_EQ(entry.action, "admin_key.login_link");
    EXPECT_THAT(entry.after, testing::HasSubstr(id_));
    EXPECT_THAT(entry.after, testing::Not(testing::HasSubstr(text.substr(text.size() - 20))));
}

TEST_F(LoginTickets, AreNotIssuedForAKeyThatIsNotThere) {
    EXPECT_EQ(issue_login_ticket(store_, key_, "adm_0", "cli:tester", clock()).error().code,
              store::Errc::not_found);
    EXPECT_FALSE(issue_login_ticket(store_, key_, id_, "", clock()).has_value());
}

}  // namespace
}  // namespace kwikgate::auth
