#include "auth/vocabulary.hpp"

#include <gtest/gtest.h>

#include <set>

namespace kwikgate::auth {
namespace {

TEST(Vocabulary, SpellsTheWordsOfEverySurface) {
    EXPECT_EQ(to_token(TokenStatus::live), "live");
    EXPECT_EQ(to_token(TokenStatus::disabled), "disabled");
    EXPECT_EQ(to_token(Environment::live), "live");
    EXPECT_EQ(to_token(Environment::test), "test");
    EXPECT_EQ(to_token(Scheme::basic), "basic");
    EXPECT_EQ(to_token(Scheme::signature), "signature");
    EXPECT_EQ(to_token(Scheme::public_key), "public_key");
    EXPECT_EQ(to_token(Access::read), "read");
    EXPECT_EQ(to_token(Access::write), "write");
}

TEST(Vocabulary, NamesEveryPhaseOnce) {
    std::set<std::string_view> names;
    for (int i = 0; i <= static_cast<int>(Phase::deliver); ++i) {
        const std::string_view name = to_token(static_cast<Phase>(i));
        EXPECT_NE(name, "unknown") << i;
        EXPECT_TRUE(names.insert(name).second) << name;
    }
}

TEST(SchemeSet, HoldsWhatWasAdded) {
    SchemeSet set;
    EXPECT_TRUE(set.empty());
    set.add(Scheme::signature);
    EXPECT_TRUE(set.contains(Scheme::signature));
    EXPECT_FALSE(set.contains(Scheme::basic));
    EXPECT_FALSE(set.contains(Scheme::public_key));
    EXPECT_FALSE(set.empty());
}

}  // namespace
}  // namespace kwikgate::auth
