#pragma once

#include <functional>

#include "gateway/cli/open_store.hpp"

namespace kwikgate::gateway::cli {

/// Whether what is visited is printed on the way: a terminal has room for that or for progress.
enum class WalkOutput { at_the_end, on_the_way };

/// Visits every token with its use, oldest first, and holds no view of the store meanwhile: what
/// changes on the way may or may not be seen. Afterwards `view` is let go of. Records that cannot
/// be read are left out; that they are there is a failure at the end, when the rest has been
/// visited.
CliResult<void> walk_tokens(
    StoreView& view, WalkOutput output,
    const std::function<void(const store::TokenRecord&, const store::TokenUsage&)>& visit);

/// Writes `text` out once it is longer than `limit`: of very many tokens only a part is held. A
/// failed write shows at the end, when the rest is printed.
void flush_over(std::string& text, std::size_t limit = 1024 * 1024);

}  // namespace kwikgate::gateway::cli
