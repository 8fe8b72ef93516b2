#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace kwikgate::bench {

/// What a request is meant to be. The names are those of the command line and of the report.
enum class Kind : std::uint8_t {
    read,         ///< Signed, GET.
    write,        ///< Signed with a fresh nonce, POST with a body.
    basic_read,   ///< Basic, GET.
    basic_write,  ///< Basic, POST with a body.
    bad,          ///< Signed, GET, one bit of the signature wrong.
    replayed,     ///< A write that was accepted before, sent again to the byte.
    revoked,      ///< Signed, GET, by a token that was disabled.
    anonymous,    ///< No credential, GET.
};
inline constexpr std::size_t kKindCount = 8;

std::string_view to_token(Kind kind);
/// True when the right answer is a refusal.
bool is_to_be_refused(Kind kind);
bool is_write(Kind kind);

/// Shares of kinds, dealt out evenly: after any number of requests each kind has had its share to
/// within one request of it (smooth weighted round robin). **Threads**: one.
class Mix {
  public:
    /// "read=90,bad=10": shares are whole numbers. `error` is set when the text is not that.
    static std::optional<Mix> parse(std::string_view text, std::string& error);

    Kind next();
    bool contains(Kind kind) const { return shares_[static_cast<std::size_t>(kind)] != 0; }

  private:
    std::array<std::int64_t, kKindCount> shares_{};
    std::array<std::int64_t, kKindCount> credit_{};
    std::int64_t total_ = 0;
};

}  // namespace kwikgate::bench
