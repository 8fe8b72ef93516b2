#include "auth/secret_finder.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "auth/ascii.hpp"
#include "store/token_record.hpp"

namespace kwikgate::auth {
namespace {

// A long secret may hold some of these: each set is tried.
constexpr std::array<std::string_view, 3> kDelimiters = {" \t\"", " \t\"';,&",
                                                         " \t\"';,&()[]<>{}=?/:@\\|"};

/// The secret itself, where K0 is no hash of it. A hash that looks like text is as good as never.
std::string_view as_text(const HmacKey& key) {
    const auto bytes = key.expose();
    const auto end = std::find_if_not(bytes.begin(), bytes.end(),
                                      [](std::uint8_t c) { return c > ' ' && c < 0x7f; });
    if (std::any_of(end, bytes.end(), [](std::uint8_t c) { return c != 0; })) return {};
    return {reinterpret_cast<const char*>(bytes.data()),
            static_cast<std::size_t>(end - bytes.begin())};
}

/// How many bytes of `text` spell `c`, as itself or percent-encoded: 1, 3, or 0 for none.
std::size_t spells(std::string_view text, char c) {
    if (text.empty()) return 0;
    if (text.front() == c) return 1;
    if (text.front() != '%' || text.size() < 3) return 0;
    return hex_pair(text[1], text[2]) == static_cast<unsigned char>(c) ? 3 : 0;
}

/// `secret` where it stands at the start of `text`.
std::string_view prefix_of(std::string_view text, std::string_view secret) {
    std::size_t at = 0;
    for (const char c : secret) {
        const std::size_t step = spells(text.substr(at), c);
        if (step == 0) return {};
        at += step;
    }
    return text.substr(0, at);
}

std::string_view find_text(std::string_view text, std::string_view secret) {
    for (; !secret.empty() && !text.empty(); text.remove_prefix(1))
        if (const auto found = prefix_of(text, secret); !found.empty()) return found;
    return {};
}

}  // namespace

SecretFinder::SecretFinder(store::Reader& reader, Sealer& sealer, std::string_view api_key) {
    if (api_key.empty() || api_key.size() > store::kMaxCredentialBytes) return;
    auto snapshot = reader.snapshot();
    if (!snapshot) return;
    const auto token = snapshot->token_by_key(api_key);
    if (!token || !*token) return;
    token_id_ = (*token)->id;
    take((*token)->secret, sealer);
    if ((*token)->previous_secret) take(*(*token)->previous_secret, sealer);
}

void SecretFinder::take(const store::SecretRecord& secret, Sealer& sealer) {
    HmacKey key;
    if (sealer.open(secret.sealed_key, token_id_, key)) keys_.push_back(std::move(key));
}

std::string_view SecretFinder::find_in(std::string_view text) const {
    std::string_view first;
    const auto consider = [&first](std::string_view found) {
        if (first.empty() || found.data() < first.data()) first = found;
    };
    for (const HmacKey& key : keys_)
        if (const auto found = find_text(text, as_text(key)); !found.empty()) consider(found);
    for (const std::string_view delimiters : kDelimiters) {
        for (std::string_view rest = text; !rest.empty();) {
            const std::string_view word = rest.substr(0, rest.find_first_of(delimiters));
            if (is_secret(word)) consider(word);
            rest.remove_prefix(std::min(rest.size(), word.size() + 1));
        }
    }
    return first;
}

bool SecretFinder::is_secret(std::string_view word) const {
    constexpr std::size_t kMaxTextKey = sizeof(HmacKey);
    if (word.size() <= kMaxTextKey || word.size() > store::kMaxCredentialBytes) return false;
    const HmacKey presented = derive_hmac_key(word);
    return std::any_of(keys_.begin(), keys_.end(), [&](const HmacKey& key) {
        return constant_time_equal(key.expose(), presented.expose());
    });
}

}  // namespace kwikgate::auth
