#include "gateway/json/config_json.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <simdjson.h>

#include "tests/gateway/config/loading.hpp"
#include "tests/support/files.hpp"

namespace kwikgate::gateway {
namespace {

std::string full_json() {
    return tests::read_source("configs/full.json");
}

std::string minified(const std::string& json) {
    simdjson::dom::parser parser;
    return simdjson::minify(parser.parse(json).value());
}

// Whoever adds a key to the parser and to full.json must add it here too.
TEST(ConfigJson, HasEveryKeyOfFullJsonWithItsValueAndHidesKeyFiles) {
    std::string expected = full_json();
    const LoadedConfig loaded = load_text(expected, "kwikgate.json");
    for (const ConfigProblem& found : loaded.problems) ADD_FAILURE() << found.to_string();
    expected = with(expected, "    \"$schema\": \"schema.json\",\n", "");
    expected = with(expected, "\"master.key\"", "\"(set)\"");
    expected = with(expected, "\"replay.state\"", "\"store/replay.state\"");
    expected = with(expected, "    \"routes_files\": [],\n", "");
    EXPECT_EQ(minified(config_json(loaded.config)), minified(expected));
}

TEST(ConfigJson, ShowsValuesThatAreNotTheDefaults) {
    std::string text = full_json();
    text = with(text, "\"scheme\": \"http\"", "\"scheme\": \"https\"");
    text = with(text, "\"client_certificates\": \"none\"", "\"client_certificates\": \"required\"");
    text = with(text, "\"client_ca_file\": \"\"", "\"client_ca_file\": \"ca.pem\"");
    text = with(text, "\"certificates\": []", "\"certificates\": [\"secret-place.pem\"]");
    text = with(text, "\"credentials\": \"strip\"", "\"credentials\": \"replace\"");
    text = with(text, "\"credentials_file\": \"\"", "\"credentials_file\": \"secret-place\"");
    text = with(text, "\"identity_key_file\": \"\"", "\"identity_key_file\": \"secret-place\"");
    text = with(text, "\"refuse_writes\"", "\"accept\"");
    text = with(text, "\"any\"", "\"live\"");
    text = with(text, "\"exempt\": []", "\"exempt\": [\"10.0.0.0/8\"]");
    const LoadedConfig loaded = load_text(text, "kwikgate.json");
    for (const ConfigProblem& found : loaded.problems) ADD_FAILURE() << found.to_string();
    const std::string json = config_json(loaded.config);
    for (const char* part :
         {"\"required\"", "\"ca.pem\"", "\"replace\"", "\"accept\"", "\"environment\":\"live\"",
          "10.0.0.0/8", "\"certificates\":[\"(set)\"]"})
        EXPECT_THAT(json, testing::HasSubstr(part));
    EXPECT_THAT(json, testing::Not(testing::HasSubstr("secret-place")));
}

}  // namespace
}  // namespace kwikgate::gateway
