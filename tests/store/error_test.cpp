#include "store/error.hpp"

#include <gtest/gtest.h>

#include <set>

namespace kwikgate::store {
namespace {

TEST(StoreError, EveryCodeHasItsOwnMessage) {
    std::set<std::string> messages;
    for (int value = 0; value <= static_cast<int>(Errc::io_error); ++value) {
        const auto code = make_error_code(static_cast<Errc>(value));
        EXPECT_TRUE(messages.insert(code.message()).second) << code.message();
        EXPECT_NE(code.message(), make_error_code(static_cast<Errc>(999)).message());
    }
    EXPECT_STREQ(store_category().name(), "kwikgate.store");
}

TEST(StoreError, OnlyOkIsNoFailure) {
    EXPECT_FALSE(make_error_code(Errc::ok).failed());
    EXPECT_TRUE(make_error_code(Errc::io_error).failed());
}

}  // namespace
}  // namespace kwikgate::store
