#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "auth/vocabulary.hpp"
#include "store/token_record.hpp"
#include "store/usage.hpp"

/// What Kwik advises about access tokens, held against how a token is used: restrict it to what the
/// integration needs, disable what is not used.
namespace kwikgate::auth {

/// Enumerators are spelled as every surface shows them.
enum class Advice : std::uint8_t {
    expired,         ///< Live, but past its expiry: delete it, or give it a new one.
    expires_soon,    ///< `at`: when.
    unused,          ///< `at`: last use, if there ever was one. Then only this is said of its use.
    section_unused,  ///< `section` was granted and never used.
    write_unused,    ///< May write, and only ever read.
    old_secret_in_use,  ///< A rotation is not finished; `at`: last use of the old secret.
    uses_basic,         ///< Sends its secret with every request; `at`: last time.
};
std::string_view to_token(Advice advice);

struct ReviewPolicy {
    std::chrono::days unused_after{90};  ///< Younger tokens are not judged by what they did not do.
    std::chrono::days expires_within{30};
};

struct Finding {
    Advice advice = Advice::unused;
    std::optional<SectionId> section;
    std::optional<Timestamp> at;
};

/// In the order of `Advice`. A disabled token is left in peace. Pure.
std::vector<Finding> review_token(const store::TokenRecord& token, const store::TokenUsage& usage,
                                  Timestamp now, const ReviewPolicy& policy = {});

}  // namespace kwikgate::auth
