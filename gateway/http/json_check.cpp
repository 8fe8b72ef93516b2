#include "gateway/http/json_check.hpp"

#include <simdjson.h>
#include <string>

namespace kwikgate::gateway::http {

struct JsonCheck::State {
    simdjson::dom::parser parser;
    std::string padded;
};

JsonCheck::JsonCheck() : state_(std::make_unique<State>()) {}

JsonCheck::~JsonCheck() = default;

bool JsonCheck::is_valid(std::string_view body) {
    if (body.empty()) return false;
    std::string& padded = state_->padded;
    padded.assign(body);
    padded.append(simdjson::SIMDJSON_PADDING, '\0');
    simdjson::dom::element value;
    return state_->parser.parse(padded.data(), body.size(), false).get(value) == simdjson::SUCCESS;
}

}  // namespace kwikgate::gateway::http
