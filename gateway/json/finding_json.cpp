#include "gateway/json/finding_json.hpp"

#include "auth/json_text.hpp"
#include "auth/time_text.hpp"

namespace kwikgate::gateway {

std::string finding_json(const auth::Finding& finding, const auth::SectionCatalogue& sections) {
    return auth::JsonObject()
        .text("advice", auth::to_token(finding.advice))
        .text_or_null("section", finding.section ? sections.slug(*finding.section) : "")
        .text_or_null("at", finding.at ? auth::to_text(*finding.at) : "")
        .to_string();
}

}  // namespace kwikgate::gateway
