#include "gateway/json/export_answer.hpp"

#include <simdjson.h>

#include "auth/ascii.hpp"

namespace kwikgate::gateway {

std::uint64_t rejected_spans(std::string_view body) {
    simdjson::dom::parser parser;
    simdjson::dom::element answer;
    simdjson::dom::element count;
    if (parser.parse(body.data(), body.size()).get(answer) != simdjson::SUCCESS ||
        answer.at_pointer("/partialSuccess/rejectedSpans").get(count) != simdjson::SUCCESS)
        return 0;
    // 64 bits are strings in the JSON form of protocol buffers, but not everybody writes them so.
    std::uint64_t number = 0;
    std::string_view text;
    if (count.get(number) == simdjson::SUCCESS) return number;
    if (count.get(text) != simdjson::SUCCESS) return 0;
    return auth::read_decimal(text, number) ? number : 0;
}

}  // namespace kwikgate::gateway
