#include <gtest/gtest.h>

#include <filesystem>
#include <regex>
#include <set>
#include <sstream>

#include "tests/support/files.hpp"
#include "tests/support/source_dir.hpp"

namespace {

std::set<std::string> all(const std::string& text, const std::regex& pattern) {
    std::set<std::string> found;
    for (std::sregex_iterator at(text.begin(), text.end(), pattern), end; at != end; ++at)
        found.insert((*at)[1]);
    return found;
}

// docs/admin-api.md names every code of a refusal that the sources give, and no other.
TEST(AdminManual, HasEveryCodeOfARefusal) {
    std::set<std::string> given;
    const std::regex refusal(R"re(\b\d{3},\s*"([a-z_]+)")re");
    for (const auto& entry :
         std::filesystem::directory_iterator(kwikgate::tests::source_dir() / "gateway/admin"))
        if (entry.path().extension() == ".cpp")
            given.merge(all(kwikgate::tests::read_file(entry.path()), refusal));
    std::erase_if(given, [](const std::string& code) {
        return code.starts_with("invalid_");  // The manual has these as one.
    });
    const std::string manual = kwikgate::tests::read_source("docs/admin-api.md");
    const std::size_t begin = manual.find("## Refusals");
    const std::string part = manual.substr(begin, manual.find("## Sessions") - begin);
    std::set<std::string> told;
    std::istringstream lines(part);
    for (std::string line; std::getline(lines, line);)
        if (line.starts_with("| ")) {
            const std::size_t second = line.find('|', 2);
            const std::size_t third = line.find('|', second + 1);
            told.merge(all(line.substr(second, third - second), std::regex("`([a-z_]+)`")));
        }
    told.erase("code");  // The heading.
    EXPECT_EQ(told, given);
}

}  // namespace
