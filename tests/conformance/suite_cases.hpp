#pragma once

#include <gtest/gtest.h>
#include <simdjson.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "auth/signature/canonical_field.hpp"
#include "tests/support/source_dir.hpp"

/// The JSON cases of the IETF HTTP working group (httpwg/structured-field-tests), which are not
/// part of this repository: KWIKGATE_SF_TESTS names their folder, or they lie beside the project.
namespace kwikgate::auth {

namespace fs = std::filesystem;
using simdjson::dom::array;
using simdjson::dom::element;

inline fs::path suite_folder() {
    if (const char* named = std::getenv("KWIKGATE_SF_TESTS")) return named;
    return tests::source_dir() / ".." / "shared" / "data" / "structured-field-tests";
}

inline std::vector<fs::path> case_files(const fs::path& folder) {
    std::vector<fs::path> files;
    if (!fs::is_directory(folder)) return files;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder))
        if (entry.path().extension() == ".json") files.push_back(entry.path());
    return files;
}

struct Case {
    std::string name, type;
    std::vector<std::string> raw;
    std::string canonical;
    bool has_expected = false, must_fail = false, can_fail = false;
    element expected;
};

inline bool flag(element record, const char* name) {
    bool value = false;
    return record[name].get(value) == simdjson::SUCCESS && value;
}

inline Case read_case(element record) {
    Case test;
    test.name = std::string(std::string_view(record["name"]));
    test.type = std::string(std::string_view(record["header_type"]));
    test.must_fail = flag(record, "must_fail");
    test.can_fail = flag(record, "can_fail");
    test.has_expected = record["expected"].get(test.expected) == simdjson::SUCCESS;
    array raw, canonical;
    if (record["raw"].get(raw) == simdjson::SUCCESS)
        for (element line : raw) test.raw.emplace_back(std::string_view(line));
    if (record["canonical"].get(canonical) == simdjson::SUCCESS) {
        for (element line : canonical) test.canonical = std::string(std::string_view(line));
    } else if (!test.raw.empty()) {
        test.canonical = test.raw[0];
    }
    return test;
}

template <class Check>
inline int each_case(const fs::path& folder, Check check) {
    int count = 0;
    for (const fs::path& file : case_files(folder)) {
        simdjson::dom::parser json;
        const element document = json.load(file.string());
        for (element record : array(document)) {
            const Case test = read_case(record);
            SCOPED_TRACE(file.filename().string() + ": " + test.name);
            check(test);
            ++count;
        }
    }
    return count;
}

inline FieldType type_of(const Case& test) {
    if (test.type == "item") return FieldType::item;
    return test.type == "list" ? FieldType::list : FieldType::dictionary;
}

}  // namespace kwikgate::auth
