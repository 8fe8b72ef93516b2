#include "gateway/http/framing.hpp"

#include "gateway/http/char_class.hpp"

namespace kwikgate::gateway::http {

std::optional<std::uint64_t> parse_content_length(std::string_view value) {
    // 19 digits cannot overflow 64 bits; the bound below keeps the value positive as a signed one.
    if (value.empty() || value.size() > 19) return std::nullopt;
    std::uint64_t length = 0;
    for (const char c : value) {
        if (!is_class(c, kDigitChar)) return std::nullopt;
        length = length * 10 + static_cast<std::uint64_t>(c - '0');
    }
    constexpr std::uint64_t kMax = 0x7fffffffffffffffU;
    if (length > kMax) return std::nullopt;
    return length;
}

void TransferCodings::add_line(std::string_view value) {
    present_ = true;
    for_each_list_element(value, [this](std::string_view coding) {
        if (coding.empty()) return;       // Counts for nothing (RFC 9110, 5.6.1.2).
        if (chunked_) malformed_ = true;  // Whatever follows chunked: repeated, or not last.
        const std::string_view name = trim_ows(coding.substr(0, coding.find(';')));
        if (name.empty() || !all_of_class(name, kTokenChar)) {
            malformed_ = true;
        } else if (equal_ignoring_case(name, "chunked")) {
            chunked_ = true;
            if (name.size() != coding.size()) malformed_ = true;
        } else {
            unknown_ = true;
        }
    });
}

TransferCodings::Verdict TransferCodings::verdict() const {
    if (!present_) return Verdict::absent;
    if (malformed_ || !(chunked_ || unknown_)) return Verdict::malformed;
    return unknown_ ? Verdict::unsupported : Verdict::chunked;
}

void ConnectionOptions::add_line(std::string_view value) {
    for_each_list_element(value, [this](std::string_view option) {
        ++count_;
        if (equal_ignoring_case(option, "close")) close_ = true;
        if (equal_ignoring_case(option, "keep-alive")) keep_alive_ = true;
    });
}

}  // namespace kwikgate::gateway::http
