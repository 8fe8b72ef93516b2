#include "bench/load/mix.hpp"

#include <algorithm>
#include <charconv>

namespace kwikgate::bench {
namespace {

constexpr std::array<std::string_view, kKindCount> kTokens = {
    "read", "write", "basic_read", "basic_write", "bad", "replayed", "revoked", "anonymous"};
constexpr std::int64_t kMaxShare = 1'000'000;

bool read_share(std::string_view text, std::int64_t& out) {
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), out);
    return code == std::errc{} && end == text.data() + text.size() && out > 0 && out <= kMaxShare;
}

}  // namespace

std::string_view to_token(Kind kind) {
    return kTokens[static_cast<std::size_t>(kind)];
}

bool is_to_be_refused(Kind kind) {
    return kind >= Kind::bad;
}

bool is_write(Kind kind) {
    return kind == Kind::write || kind == Kind::basic_write || kind == Kind::replayed;
}

std::optional<Mix> Mix::parse(std::string_view text, std::string& error) {
    Mix mix;
    while (!text.empty()) {
        const std::string_view part = text.substr(0, text.find(','));
        text.remove_prefix(std::min(text.size(), part.size() + 1));
        const std::size_t equals = part.find('=');
        const std::string_view name = part.substr(0, equals);
        const auto found = std::find(kTokens.begin(), kTokens.end(), name);
        std::int64_t share = 1;  // "read" alone.
        if (found == kTokens.end()) {
            error = "no kind of request is called " + std::string(name);
            return std::nullopt;
        }
        if (equals != std::string_view::npos && !read_share(part.substr(equals + 1), share)) {
            error = "the share of " + std::string(name) + " is no number from 1 to 1000000";
            return std::nullopt;
        }
        auto& slot = mix.shares_[static_cast<std::size_t>(found - kTokens.begin())];
        if (slot != 0) {
            error = std::string(name) + " stands twice";
            return std::nullopt;
        }
        slot = share;
        mix.total_ += share;
    }
    if (mix.total_ == 0) {
        error = "name at least one kind of request";
        return std::nullopt;
    }
    return mix;
}

Kind Mix::next() {
    std::size_t best = 0;
    for (std::size_t i = 0; i < kKindCount; ++i) {
        credit_[i] += shares_[i];
        if (credit_[i] > credit_[best]) best = i;
    }
    credit_[best] -= total_;
    return static_cast<Kind>(best);
}

}  // namespace kwikgate::bench
