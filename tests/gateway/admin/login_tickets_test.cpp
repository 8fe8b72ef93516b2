#include "gateway/admin/login_tickets.hpp"

#include <gtest/gtest.h>

#include "auth/admin_key.hpp"
#include "auth/login_ticket.hpp"
#include "tests/auth/token_fixture.hpp"

namespace kwikgate::gateway::admin {
namespace {

using std::chrono::milliseconds;

class LoginTicketsTest : public auth::TokenFixture {
  protected:
    LoginTicketsTest()
        : id_(auth::create_admin_key(store_, "Ann", "admin", "cli:tester", [this] {
                  return now_;
              })->record.id) {}
    std::string issue() {
        return std::string(auth::issue_login_ticket(store_, key_, id_, "cli:tester", [this] {
                               return now_;
                           })->expose());
    }
    std::string id_;
};

TEST_F(LoginTicketsTest, EachIsTakenOnce) {
    LoginTickets tickets(key_, now_);
    const std::string first = issue();
    const std::string second = issue();
    EXPECT_EQ(tickets.take(first, now_), id_);
    EXPECT_FALSE(tickets.take(first, now_).has_value());
    EXPECT_EQ(tickets.take(second, now_ + auth::kLoginTicketLife - milliseconds(1)), id_);
    EXPECT_FALSE(tickets.take("adm_0.1.2.3", now_).has_value());
}

TEST_F(LoginTicketsTest, NoneIsTakenTooLateOrTooEarlyOrFromBeforeTheStart) {
    const std::string ticket = issue();
    LoginTickets tickets(key_, now_);
    EXPECT_FALSE(tickets.take(ticket, now_ + auth::kLoginTicketLife).has_value());
    EXPECT_FALSE(tickets.take(ticket, now_ - milliseconds(1)).has_value());
    LoginTickets after_restart(key_, now_ + milliseconds(1));
    EXPECT_FALSE(after_restart.take(ticket, now_ + milliseconds(2)).has_value());
    EXPECT_EQ(tickets.take(ticket, now_), id_);
}

TEST_F(LoginTicketsTest, OldOnesAreForgotten) {
    LoginTickets tickets(key_, now_);
    for (int i = 0; i < 10; ++i) EXPECT_TRUE(tickets.take(issue(), now_).has_value());
    EXPECT_EQ(tickets.size(), 10U);
    EXPECT_FALSE(tickets.take("", now_ + auth::kLoginTicketLife).has_value());
    EXPECT_EQ(tickets.size(), 0U);
}

TEST_F(LoginTicketsTest, AClockSetBackMakesNoForgottenOneYoungAgain) {
    LoginTickets tickets(key_, now_);
    const std::string ticket = issue();
    EXPECT_EQ(tickets.take(ticket, now_), id_);
    EXPECT_FALSE(tickets.take("", now_ + auth::kLoginTicketLife).has_value());
    ASSERT_EQ(tickets.size(), 0U);
    EXPECT_FALSE(tickets.take(ticket, now_ + milliseconds(1)).has_value());
    now_ += milliseconds(1);
    EXPECT_EQ(tickets.take(issue(), now_), id_);
}

}  // namespace
}  // namespace kwikgate::gateway::admin
