#include "gateway/json/explanation_json.hpp"

#include <optional>
#include <vector>

#include "auth/json_text.hpp"
#include "auth/time_text.hpp"
#include "gateway/pipeline/base_difference.hpp"

namespace kwikgate::gateway {

std::string verdict(const Explanation& explanation) {
    const auth::ReasonRow& row = auth::row(explanation.decision.reason);
    if (!explanation.decision.allowed())
        return "refused: " + std::to_string(row.status) + " " + std::string(row.token) + " (" +
               std::string(row.message) + ")";
    if (explanation.is_options) return "answered: 204, without an upstream";
    if (explanation.is_preflight) return "answered: 204, as a CORS preflight";
    return "forwarded to upstream " + explanation.upstream +
           (explanation.lacks_body ? ", if the body is right" : "");
}

std::string explanation_json(const Explanation& explanation, const SavedText& saved) {
    std::string phases;
    for (const ExplainedPhase& line : explanation.phases) {
        auth::JsonObject phase;
        phase.text("phase", auth::to_token(line.phase)).text("outcome", to_token(line.outcome));
        phase.text("detail", line.detail);
        phases += (phases.empty() ? "" : ",") + phase.to_string();
    }
    const auth::ReasonRow& row = auth::row(explanation.decision.reason);
    auth::JsonObject object;
    object.text("request", explanation.request).text("at", auth::to_text(saved.at));
    object.raw("phases", "[" + phases + "]");
    object.texts("signature_base", explanation.signature_base.empty()
                                       ? std::vector<std::string>()
                                       : base_lines(explanation.signature_base));
    const auto difference =
        saved.has_base ? first_difference(saved.base, explanation.signature_base) : std::nullopt;
    if (difference) {
        object.raw("difference", auth::JsonObject()
                                     .number("line", difference->line)
                                     .number("column", difference->column)
                                     .text("yours", difference->yours)
                                     .text("ours", difference->ours)
                                     .to_string());
    } else {
        object.null("difference");
    }
    object.text("format", saved.format);
    object.texts("notes", saved.notes).boolean("allowed", explanation.decision.allowed());
    object.text("reason", row.token).number("status", row.status);
    object.text("cause", explanation.cause).text("detail", explanation.detail);
    object.text("advice", explanation.advice);
    object.boolean("lacks_body", explanation.lacks_body);
    object.text("upstream", explanation.upstream).text("verdict", verdict(explanation));
    return object.to_string();
}

}  // namespace kwikgate::gateway
