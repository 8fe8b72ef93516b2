#include "gateway/cli/token_walk.hpp"

#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gateway/cli/progress.hpp"

namespace kwikgate::gateway::cli {

namespace {

constexpr std::size_t kBatchTokens = 1000;

struct WalkedToken {
    store::TokenRecord record;
    store::TokenUsage usage;
};

/// The next tokens, held by nothing but memory when it returns: a visit may print, and whoever
/// reads that may take all day.
CliResult<void> read_batch(StoreView& view, const std::string& after_id,
                           std::vector<WalkedToken>& batch, std::size_t& corrupt) {
    batch.clear();
    if (auto looked = view.look_again(); looked.has_error()) return looked;
    std::optional<boost::system::error_code> problem;
    const auto walked = view.snapshot().for_each_token(
        after_id,
        [&](const store::TokenView& token) {
            auto usage = view.snapshot().usage(token.number);
            if (usage.has_error()) {
                problem = usage.error();
                return false;
            }
            batch.push_back({token.to_record(), std::move(*usage)});
            return batch.size() < kBatchTokens;
        },
        [&](std::string_view) { ++corrupt; });
    view.let_go();
    if (walked.has_error()) return failed("cannot list the tokens", walked.error());
    if (problem) return failed("cannot read the use of a token", *problem);
    return {};
}

}  // namespace

CliResult<void> walk_tokens(
    StoreView& view, WalkOutput output,
    const std::function<void(const store::TokenRecord&, const store::TokenUsage&)>& visit) {
    std::size_t corrupt = 0;
    std::atomic<std::size_t> count{0};
    std::optional<Progress> progress;
    if (output == WalkOutput::at_the_end || ::isatty(STDOUT_FILENO) == 0)
        progress.emplace([&count] { return std::to_string(count) + " tokens read"; });
    std::vector<WalkedToken> batch;
    std::string after_id;
    do {
        if (auto read = read_batch(view, after_id, batch, corrupt); read.has_error()) return read;
        for (const WalkedToken& token : batch) {
            count.fetch_add(1, std::memory_order_relaxed);
            visit(token.record, token.usage);
        }
        if (!batch.empty()) after_id = batch.back().record.id;
    } while (batch.size() == kBatchTokens);
    if (corrupt == 0) return {};
    return failed(std::to_string(corrupt) + " records cannot be read; see 'kwikgate store verify'");
}

void flush_over(std::string& text, std::size_t limit) {
    if (text.size() < limit) return;
    std::fwrite(text.data(), 1, text.size(), stdout);
    text.clear();
}

}  // namespace kwikgate::gateway::cli
