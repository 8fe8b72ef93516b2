#include "gateway/json/problem_json.hpp"

#include "auth/json_text.hpp"

namespace kwikgate::gateway {

std::string problem_json(const ConfigProblem& problem) {
    return auth::JsonObject()
        .text("file", problem.file.string())
        .number("line", problem.line)
        .number("column", problem.column)
        .text("pointer", problem.pointer)
        .text("message", problem.message)
        .text_or_null("hint", problem.hint)
        .to_string();
}

}  // namespace kwikgate::gateway
