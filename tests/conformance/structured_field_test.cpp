#include "auth/signature/structured_field.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "auth/signature/canonical_field.hpp"
#include "tests/conformance/suite_cases.hpp"
#include "tests/conformance/suite_notation.hpp"
#include "tests/conformance/suite_serialising.hpp"

namespace kwikgate::auth {
namespace {

class StructuredFieldConformance : public ::testing::Test {
  protected:
    void SetUp() override {
        if (!fs::is_directory(suite_folder()))
            GTEST_SKIP() << "no httpwg/structured-field-tests at " << suite_folder()
                         << ": set KWIKGATE_SF_TESTS to their folder";
    }
};

TEST_F(StructuredFieldConformance, ParsesEveryCaseOfTheSuite) {
    const int count = each_case(suite_folder(), [](const Case& test) {
        const std::optional<std::string> read = read_field(test.type, test.raw);
        if (test.must_fail) {
            EXPECT_FALSE(read);
            return;
        }
        if (!read && test.can_fail) return;
        ASSERT_TRUE(read);
        EXPECT_EQ(*read, expect_field(test.type, test.expected));
    });
    EXPECT_GT(count, 1000);
}

TEST_F(StructuredFieldConformance, BringsEveryFieldIntoItsCanonicalForm) {
    std::vector<char> memory(1 << 20);
    std::vector<DictionaryMember> members(4096);
    std::vector<CanonicalParameter> parameters(4096);
    const int count = each_case(suite_folder(), [&](const Case& test) {
        const std::vector<std::string_view> lines(test.raw.begin(), test.raw.end());
        BoundedText out(memory);
        const bool written =
            write_canonical_field(type_of(test), lines, out, {parameters, members});
        if (test.must_fail) {
            EXPECT_FALSE(written);
            return;
        }
        if (!written && test.can_fail) return;
        EXPECT_TRUE(written);
        EXPECT_FALSE(out.overflowed());
        EXPECT_EQ(out.view(), test.canonical);
    });
    EXPECT_GT(count, 1000);
}

TEST_F(StructuredFieldConformance, SerialisesEveryExpectedValue) {
    std::vector<char> memory(1 << 20);
    int count = 0;
    const auto check = [&](const Case& test) {
        if (!test.has_expected) return;
        BoundedText out(memory);
        const bool written = serialise_field(test.type, test.expected, out);
        if (test.must_fail) {
            EXPECT_FALSE(written);
            return;
        }
        EXPECT_TRUE(written);
        EXPECT_EQ(out.view(), test.canonical);
    };
    count += each_case(suite_folder(), check);
    count += each_case(suite_folder() / "serialisation-tests", check);
    EXPECT_GT(count, 1500);
}

}  // namespace
}  // namespace kwikgate::auth
