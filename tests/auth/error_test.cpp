#include "auth/error.hpp"

#include <gtest/gtest.h>

#include <set>

namespace kwikgate::auth {
namespace {

TEST(AuthError, SaysSomethingOfItsOwnForEveryValue) {
    std::set<std::string> messages;
    for (int i = 0; i <= static_cast<int>(Errc::crypto_failure); ++i) {
        const boost::system::error_code code = static_cast<Errc>(i);
        EXPECT_NE(code.message(), "unknown error") << i;
        EXPECT_TRUE(messages.insert(code.message()).second) << code.message();
        EXPECT_STREQ(code.category().name(), "kwikgate.auth");
    }
    EXPECT_EQ(auth_category().message(9999), "unknown error");
}

}  // namespace
}  // namespace kwikgate::auth
