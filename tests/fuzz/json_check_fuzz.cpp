/// Claims: what simdjson takes is JSON by the grammar, and both ways of asking agree; what the
/// grammar takes stays JSON inside an array and with white space around it, and is none with a
/// byte behind it that is no white space.

#include <simdjson.h>
#include <string>

#include "gateway/http/json_check.hpp"
#include "tests/fuzz/fuzz_input.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace kwikgate;
    using gateway::http::is_json;
    static gateway::http::JsonCheck check;
    static simdjson::dom::parser parser;
    const std::string text(fuzz::as_text(data, size));
    const bool is_accepted = is_json(text);
    fuzz::require(check.is_valid(text) == is_accepted, "both agree");
    simdjson::dom::element value;
    const auto error = parser.parse(text).get(value);
    fuzz::require(error != simdjson::SUCCESS || is_accepted, "what simdjson takes is JSON");
    using simdjson::error_code;
    if (is_accepted && error != simdjson::SUCCESS)
        fuzz::require(error == error_code::NUMBER_ERROR || error == error_code::STRING_ERROR ||
                          error == error_code::DEPTH_ERROR,
                      "it refuses values, not structure");
    if (!is_accepted) return 0;
    fuzz::require(is_json(" \t" + text + "\r\n"), "white space around");
    fuzz::require(!is_json(text + ","), "nothing else behind it");
    return 0;
}
