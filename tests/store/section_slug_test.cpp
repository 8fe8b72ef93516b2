#include "store/section_slug.hpp"

#include <gtest/gtest.h>

#include <string>

namespace kwikgate::store {
namespace {

TEST(SectionSlug, IsLowerCaseWithDigitsAndInnerHyphens) {
    for (const char* text : {"payments", "customer-bank-accounts", "a", "7", "a--b"})
        EXPECT_TRUE(is_section_slug(text)) << text;
    for (const char* text : {"", "-", "-a", "a-", "Payments", "a b", "a_b", "a.b", "ä"})
        EXPECT_FALSE(is_section_slug(text)) << text;
}

TEST(SectionSlug, IsBounded) {
    EXPECT_TRUE(is_section_slug(std::string(kMaxSlugBytes, 'a')));
    EXPECT_FALSE(is_section_slug(std::string(kMaxSlugBytes + 1, 'a')));
}

}  // namespace
}  // namespace kwikgate::store
