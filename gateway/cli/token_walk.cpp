#include "gateway/cli/token_walk.hpp"

#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <optional>

#include "gateway/cli/progress.hpp"

namespace kwikgate::gateway::cli {

CliResult<void> walk_tokens(
    const StoreView& view, WalkOutput output,
    const std::function<void(const store::TokenRecord&, const store::TokenUsage&)>& visit) {
    std::optional<boost::system::error_code> problem;
    std::size_t corrupt = 0;
    std::atomic<std::size_t> count{0};
    std::optional<Progress> progress;
    if (output == WalkOutput::at_the_end || ::isatty(STDOUT_FILENO) == 0)
        progress.emplace([&count] { return std::to_string(count) + " tokens read"; });
    const auto walked = view.snapshot().for_each_token(
        {},
        [&](const store::TokenView& token) {
            const auto usage = view.snapshot().usage(token.number);
            if (usage.has_error()) {
                problem = usage.error();
                return false;
            }
            count.fetch_add(1, std::memory_order_relaxed);
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
