#include "gateway/config/source.hpp"

#include <gtest/gtest.h>

#include <array>

namespace kwikgate::gateway {
namespace {

TEST(ConfigProblem, ReadsAsOneLine) {
    const ConfigProblem problem{"a.json", 3, 7, "/store/path", "is empty", "give one"};
    EXPECT_EQ(problem.to_string(), "a.json:3:7: /store/path: is empty (give one)");
    EXPECT_EQ((ConfigProblem{"a.json", 1, 1, "", "the file is empty", ""}).to_string(),
              "a.json:1:1: the file is empty");
    EXPECT_EQ((ConfigProblem{"a.json", 0, 0, "", "cannot be read", ""}).to_string(),
              "a.json: cannot be read");
}

TEST(ProblemList, TellsFileByFileInFileOrder) {
    const ConfigSource first{"a.json", 0, JsonDocument("[1,\n2]")};
    const ConfigSource second{"b.json", 1, JsonDocument("[1]")};
    ProblemList list;
    EXPECT_TRUE(list.empty());
    list.add_at(second, 1, "/0", "d");
    list.add_at(first, 4, "/1", "b");
    list.add_at(first, 4, "/1", "c");
    list.add_at(first, 1, "/0", "a");
    EXPECT_FALSE(list.empty());
    std::string order;
    for (const ConfigProblem& problem : list.take()) order += problem.message;
    EXPECT_EQ(order, "abcd");
}

TEST(DidYouMean, OffersTheNearestNameOnly) {
    constexpr std::array<std::string_view, 4> kNames = {"workers", "store", "timeouts", "GET"};
    EXPECT_EQ(did_you_mean("workerz", kNames), "did you mean \"workers\"?");
    EXPECT_EQ(did_you_mean("wrokers", kNames), "did you mean \"workers\"?");
    EXPECT_EQ(did_you_mean("timeout", kNames), "did you mean \"timeouts\"?");
    EXPECT_EQ(did_you_mean("stroe", kNames), "did you mean \"store\"?");
    EXPECT_EQ(did_you_mean("banana", kNames), "");
    EXPECT_EQ(did_you_mean("", kNames), "");
    EXPECT_EQ(did_you_mean(std::string(10'000, 'w'), kNames), "");
}

}  // namespace
}  // namespace kwikgate::gateway
