#include "gateway/cli/token_walk.hpp"

#include <cstdio>

namespace kwikgate::gateway::cli {

CliResult<void> walk_tokens(
    const StoreView& view,
    const std::function<void(const store::TokenRecord&, const store::TokenUsage&)>& visit) {
    std::optional<boost::system::error_code> problem;
    std::size_t corrupt = 0;
    const auto walked = view.snapshot().for_each_token(
        {},
        [&](const store::TokenView& token) {
            const auto usage = view.snapshot().usage(token.number);
            if (usage.has_error()) {
                problem = usage.error();
                return false;
            }
            visit(token.to_record(), *usage);
            return true;
        },
        [&](std::string_view) { ++corrupt; });
    if (walked.has_error()) return failed("cannot list the tokens", walked.error());
    if (problem) return failed("cannot read the use of a token", *problem);
    if (corrupt == 0) return {};
    return failed(std::to_string(corrupt) + " records cannot be read; see 'kwikgate store verify'");
}

void flush_over(std::string& text, std::size_t limit) {
    if (text.size() < limit) return;
    std::fwrite(text.data(), 1, text.size(), stdout);
    text.clear();
}

}  // namespace kwikgate::gateway::cli
