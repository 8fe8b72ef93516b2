#include <gtest/gtest.h>

#include <cstdlib>

#include "gateway/config/load.hpp"
#include "tests/gateway/config/config_documents.hpp"
#include "tests/gateway/config/loading.hpp"

/// Holds the parser, configs/full.json and docs/configuration.md to one another: the same keys,
/// types, ranges and defaults in each. The schema: config_schema_test.cpp.
namespace kwikgate::gateway {
namespace {

TEST(ConfigFiles, FullJsonNamesEveryKeyOfTheParser) {
    const JsonDocument full = read_json("full.json");
    const auto known = parser_keys();
    const ValuesByKey values = values_of(full, known);
    EXPECT_EQ(names_of(values), names_of(known));
}

TEST(ConfigFiles, FullJsonIsTheDefaults) {
    const LoadedConfig full = load_config(config_path("full.json"));
    for (const ConfigProblem& problem : full.problems) ADD_FAILURE() << problem.to_string();
    // What is required, and the two keys of a route whose default is another key's value.
    const LoadedConfig least = load_config(config_path("full.json"), [](const auto&) {
        return boost::system::result<std::string>(R"({
            "listeners": [{}],
            "upstreams": {"kwik": {"servers": ["http://127.0.0.1:9000"]}},
            "environments": {"live": "kwik"},
            "routes": [{"method": "GET", "path": "/2.0/lookups", "body": "1MiB",
                        "response_timeout": "1m"}]})");
    });
    for (const ConfigProblem& problem : least.problems) ADD_FAILURE() << problem.to_string();
    EXPECT_TRUE(full.config == least.config);
    EXPECT_EQ(full.config.routes.at(0).body_bytes, full.config.limits.body_bytes);
    EXPECT_EQ(full.config.routes.at(0).response_timeout,
              full.config.upstreams.at(0).response_timeout);
}

TEST(ConfigFiles, TheManualHasEveryKeyWithItsTypeRangeAndDefault) {
    const JsonDocument full = read_json("full.json");
    const auto known = parser_keys();
    const ValuesByKey values = values_of(full, known);
    const auto rows = manual_rows();
    EXPECT_EQ(names_of(rows), names_of(known));
    for (const auto& [path, row] : rows) {
        SCOPED_TRACE(path);
        const auto key = known.find(path);
        if (key == known.end()) continue;
        EXPECT_EQ(row.type, key->second.type);
        EXPECT_EQ(row.bounds, key->second.bounds);
        EXPECT_EQ(row.fallback == "required", key->second.is_required);
        if (row.fallback.front() == '`' && row.fallback != "`limits.body`" &&
            !is_container(key->second)) {
            EXPECT_EQ(row.fallback, "`" + dump(*values.at(path)) + "`");
        }
    }
}

TEST(ConfigFiles, TheExamplesLoad) {
    ::setenv("CREDENTIALS_DIRECTORY", "/run/credentials/kwikgate", 1);
    for (const char* name : {"minimal.json", "full.json", "kwik.json"})
        for (const ConfigProblem& problem : load_config(config_path(name)).problems)
            ADD_FAILURE() << problem.to_string();
    ::unsetenv("CREDENTIALS_DIRECTORY");
    const LoadedConfig loaded = load_text(manual_example());
    for (const ConfigProblem& problem : loaded.problems) ADD_FAILURE() << problem.to_string();
}

}  // namespace
}  // namespace kwikgate::gateway
