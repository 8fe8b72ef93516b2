#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "auth/decision.hpp"
#include "tests/support/files.hpp"

namespace kwikgate::auth {
namespace {

/// The sections of docs/errors.md: the lines under each heading that names a reason.
std::map<std::string, std::vector<std::string>> read_manual() {
    std::istringstream file(tests::read_source("docs/errors.md"));
    std::map<std::string, std::vector<std::string>> sections;
    std::vector<std::string>* section = nullptr;
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with("## ")) section = nullptr;
        if (line.starts_with("### `") && line.ends_with("`")) {
            const std::string reason = line.substr(5, line.size() - 6);
            EXPECT_EQ(sections.count(reason), 0U) << reason << " stands there twice";
            section = &sections[reason];
        } else if (section != nullptr && !line.empty()) {
            section->push_back(line);
        }
    }
    return sections;
}

std::string headline(const ReasonRow& row) {
    return "`" + std::to_string(row.status) + "` `" + std::string(row.error_code) + "` \"" +
           std::string(row.message) + "\"";
}

TEST(ErrorsManual, HasASectionForEveryReasonAndNoOther) {
    std::vector<std::string> reasons;
    for (const ReasonRow& row : reason_table())
        if (row.reason != Reason::none) reasons.emplace_back(row.token);
    std::vector<std::string> sections;
    for (const auto& [reason, lines] : read_manual()) sections.push_back(reason);
    EXPECT_THAT(sections, testing::UnorderedElementsAreArray(reasons));
}

TEST(ErrorsManual, HasStatusCodeMessageMeaningAndAdvice) {
    for (const auto& [reason, lines] : read_manual()) {
        const auto known = reason_from_token(reason);
        ASSERT_TRUE(known) << reason;
        ASSERT_EQ(lines.size(), 4U) << reason;
        EXPECT_EQ(lines[0], headline(row(*known)));
        EXPECT_GT(lines[1].size(), 20U) << reason;
        EXPECT_TRUE(lines[2].starts_with("- Client: ")) << reason;
        EXPECT_TRUE(lines[3].starts_with("- Operator: ")) << reason;
    }
}

}  // namespace
}  // namespace kwikgate::auth
