#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <vector>

#include "auth/signature/signature_fault.hpp"
#include "tests/support/files.hpp"

namespace kwikgate::auth {
namespace {

/// The lines of docs/signing.md's table of causes.
std::vector<std::string> rows_of_manual() {
    std::istringstream file(tests::read_source("docs/signing.md"));
    std::vector<std::string> rows;
    bool is_table = false;
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with("#")) is_table = line == "### Every cause";
        if (is_table && line.starts_with("| `") && !line.starts_with("| `cause`"))
            rows.push_back(line);
    }
    return rows;
}

TEST(SigningManual, HasTheWordsAndTheAdviceOfEveryCause) {
    std::vector<std::string> rows;
    for (const SignatureFaultRow& entry : signature_fault_table()) {
        if (entry.fault == SignatureFault::none) continue;
        rows.push_back("| `" + std::string(entry.token) + "` | `" +
                       std::string(row(entry.reason).token) + "` | " + in_words(entry.fault, "…") +
                       " | " + std::string(entry.advice) + " |");
    }
    EXPECT_EQ(rows_of_manual(), rows);
}

}  // namespace
}  // namespace kwikgate::auth
