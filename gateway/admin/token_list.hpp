#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "auth/section_catalogue.hpp"
#include "gateway/admin/message.hpp"
#include "gateway/admin/target.hpp"
#include "store/store.hpp"

namespace kwikgate::gateway::admin {

/// By what a list of tokens is ordered.
enum class TokenOrder : std::uint8_t { created, name, last_used };

/// What a list of tokens shall hold, as the query says it.
struct TokenQuery {
    std::optional<store::TokenStatus> status;
    std::optional<bool> read_write;
    std::optional<store::Environment> environment;
    std::optional<store::SectionId> section;
    std::string text;  ///< In the name, in lower case; or a part of the key; or the id.
    TokenOrder order = TokenOrder::created;
    bool is_descending = true;
    std::size_t limit = 50;
    std::string cursor;  ///< Where the page before ended; empty: the first page.
};

/// **Errors**: a 400 that names the member.
std::variant<TokenQuery, AdminResponse> parse_token_query(const Target& target,
                                                          const auth::SectionCatalogue& sections);

struct ListedToken {
    store::TokenRecord record;
    store::TokenUsage usage;
};

struct TokenPage {
    std::vector<ListedToken> tokens;
    std::string next_cursor;  ///< Empty: that was all.
};

/// One page. Ordered by creation, a page looks at `kMostVisited` tokens at most and may then be
/// short, with a cursor to go on. Any other order has to look at all tokens.
/// **Errors**: of the store; `invalid_argument` for a cursor that is none of ours.
store::Result<TokenPage> list_tokens(const store::Snapshot& snapshot, const TokenQuery& query);

inline constexpr std::size_t kMostVisited = 50'000;
inline constexpr std::size_t kMostListed = 200;
/// More tokens than this are listed in the order of creation only.
inline constexpr std::uint64_t kMostSorted = 1'000'000;

}  // namespace kwikgate::gateway::admin
