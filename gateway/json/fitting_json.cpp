#include "gateway/json/fitting_json.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <span>
#include <string_view>

#include "auth/ascii.hpp"
#include "gateway/http/json_check.hpp"

namespace kwikgate::gateway {
namespace {

template <class Number>
bool fits(std::string_view token) {
    Number number{};
    return std::from_chars(token.data(), token.data() + token.size(), number).ec == std::errc();
}

bool fits_a_machine(std::string_view token) {
    if (token.find_first_of(".eE") != std::string_view::npos) return fits<double>(token);
    return token.starts_with('-') ? fits<std::int64_t>(token) : fits<std::uint64_t>(token);
}

/// The shortest token that does not fit has five bytes: "1e309".
void make_fit(std::span<char> token) {
    constexpr std::string_view kInstead = "0.5";
    std::fill(token.begin(), token.end(), ' ');
    std::copy(kInstead.begin(), kInstead.end(), token.begin());
}

/// The UTF-16 unit of "\uXXXX" at the start of `text`, or -1.
int unit(std::string_view text) {
    if (text.size() < 6 || text[0] != '\\' || text[1] != 'u') return -1;
    return auth::hex_pair(text[2], text[3]) * 256 + auth::hex_pair(text[4], text[5]);
}

/// Bytes of the escape at `at`; a lone surrogate is made U+FFFD.
std::size_t mend_escape(std::span<char> text, std::size_t at, LoneSurrogates lone) {
    const std::string_view rest(text.data() + at, text.size() - at);
    const int first = unit(rest);
    if (first < 0) return 2;
    if (first < 0xd800 || first > 0xdfff) return 6;
    const int second = unit(rest.substr(6));
    if (first < 0xdc00 && second >= 0xdc00 && second <= 0xdfff) return 12;
    constexpr std::string_view kReplacement = "\\ufffd";
    if (lone == LoneSurrogates::replace)
        std::copy(kReplacement.begin(), kReplacement.end(), text.data() + at);
    return 6;
}

/// `text` is JSON by its grammar.
void mend(std::span<char> text, LoneSurrogates lone) {
    bool is_in_string = false;
    for (std::size_t at = 0; at < text.size();) {
        const char c = text[at];
        if (c == '"') is_in_string = !is_in_string;
        if (is_in_string && c == '\\') {
            at += mend_escape(text, at, lone);
            continue;
        }
        if (is_in_string || (c != '-' && !auth::is_digit(c))) {
            ++at;
            continue;
        }
        const std::string_view rest(text.data() + at, text.size() - at);
        const std::size_t size = std::min(rest.find_first_not_of("0123456789+-.eE"), rest.size());
        if (!fits_a_machine(rest.substr(0, size))) make_fit(text.subspan(at, size));
        at += size;
    }
}

}  // namespace

simdjson::error_code parse_fitting(simdjson::dom::parser& parser, simdjson::padded_string& text,
                                   LoneSurrogates lone, simdjson::dom::element& out) {
    const auto error = parser.parse(text).get(out);
    if (error == simdjson::SUCCESS || !http::is_json({text.data(), text.size()})) return error;
    mend({text.data(), text.size()}, lone);
    return parser.parse(text).get(out);
}

}  // namespace kwikgate::gateway
