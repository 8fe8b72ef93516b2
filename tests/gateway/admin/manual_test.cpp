#include <gtest/gtest.h>

#include <fstream>
#include <regex>
#include <set>
#include <sstream>

namespace {

std::string read_text(const std::string& name) {
    std::ostringstream text;
    text << std::ifstream(KWIKGATE_SOURCE_DIR "/" + name).rdbuf();
    return text.str();
}

std::set<std::string> all(const std::string& text, const std::regex& pattern) {
    std::set<std::string> found;
    for (std::sregex_iterator at(text.begin(), text.end(), pattern), end; at != end; ++at)
        found.insert((*at)[1]);
    return found;
}

// docs/admin-api.md names every code of a refusal that the sources give, and no other.
TEST(AdminManual, HasEveryCodeOfARefusal) {
    std::set<std::string> given;
    for (const char* file : {"access", "api", "audit_api", "explain_api", "json_body", "review_api",
                             "services", "session", "status_api", "token_api", "token_list"}) {
        const std::string source = read_text("gateway/admin/" + std::string(file) + ".cpp");
        ASSERT_FALSE(source.empty()) << file;
        const std::regex code(R"re(\b\d{3},\s*"([a-z_]+)")re");
        given.merge(all(source, code));
    }
    std::erase_if(given, [](const std::string& code) {
        return code.starts_with("invalid_");  // The manual has these as one.
    });
    const std::string manual = read_text("docs/admin-api.md");
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
