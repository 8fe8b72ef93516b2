#include "gateway/http/chunked.hpp"

#include <algorithm>

#include "auth/ascii.hpp"
#include "gateway/http/char_class.hpp"

namespace kwikgate::gateway::http {
namespace {

constexpr unsigned kMaxSizeDigits = 15;
constexpr std::uint32_t kMaxExtensionBytes = 256;
constexpr std::uint32_t kMaxExtensionTotal = 16 * 1024;
constexpr std::uint32_t kMaxTrailerBytes = 8 * 1024;

bool is_blank(char c) {
    return c == ' ' || c == '\t';
}

}  // namespace

bool ChunkedDecoder::accept_size(char c) {
    if (is_class(c, kHexChar)) {
        if (digits_ == kMaxSizeDigits) return false;
        ++digits_;
        left_ = left_ * 16 + hex_value(c);
        state_ = State::size;
        return true;
    }
    if (state_ == State::size_first) return false;
    extension_bytes_ = 0;
    return accept_extension_end(c, State::before_extension);
}

/// Where an extension may end: white space leads to `behind`.
bool ChunkedDecoder::accept_extension_end(char c, State behind) {
    state_ = c == '\r' ? State::size_lf : c == ';' ? State::before_name : behind;
    return c == '\r' || c == ';' || is_blank(c);
}

/// chunk-ext = *( BWS ";" BWS chunk-ext-name [ BWS "=" BWS chunk-ext-val ] )
bool ChunkedDecoder::accept_extension(char c) {
    if (c != '\r' &&
        (++extension_bytes_ > kMaxExtensionBytes || ++extension_total_ > kMaxExtensionTotal))
        return false;
    switch (state_) {
        case State::before_name:
            if (is_blank(c)) return true;
            state_ = State::name;
            return is_class(c, kTokenChar);
        case State::name:
            if (is_class(c, kTokenChar)) return true;
            [[fallthrough]];
        case State::behind_name:
            if (c != '=') return accept_extension_end(c, State::behind_name);
            state_ = State::before_value;
            return true;
        case State::before_value:
            if (is_blank(c)) return true;
            state_ = c == '"' ? State::quoted_value : State::token_value;
            return c == '"' || is_class(c, kTokenChar);
        case State::token_value:
            if (is_class(c, kTokenChar)) return true;
            return accept_extension_end(c, State::before_extension);
        case State::quoted_value:
            if (c == '"') state_ = State::before_extension;
            if (c == '\\') state_ = State::quoted_pair;
            return is_class(c, kValueChar);
        case State::quoted_pair:
            state_ = State::quoted_value;
            return is_class(c, kValueChar);
        default:
            return accept_extension_end(c, State::before_extension);
    }
}

bool ChunkedDecoder::accept_size_lf(char c) {
    state_ = left_ == 0 ? State::trailer_start : State::data;
    digits_ = 0;
    return c == '\n';
}

bool ChunkedDecoder::accept_trailer(char c) {
    if (++trailer_bytes_ > kMaxTrailerBytes) return false;
    if (state_ == State::trailer_start) {
        trailer_has_colon_ = false;
        state_ = c == '\r' ? State::final_lf : State::trailer_line;
        return c == '\r' || is_class(c, kTokenChar);
    }
    if (trailer_has_colon_) {
        if (c == '\r') state_ = State::trailer_lf;
        return c == '\r' || is_class(c, kValueChar);
    }
    trailer_has_colon_ = c == ':';
    return c == ':' || is_class(c, kTokenChar);
}

/// One byte of framing; false when it breaks the grammar.
bool ChunkedDecoder::accept(char c) {
    switch (state_) {
        case State::size_first:
        case State::size:
            return accept_size(c);
        case State::before_extension:
        case State::before_name:
        case State::name:
        case State::behind_name:
        case State::before_value:
        case State::token_value:
        case State::quoted_value:
        case State::quoted_pair:
            return accept_extension(c);
        case State::size_lf:
            return accept_size_lf(c);
        case State::data_cr:
            state_ = State::data_lf;
            return c == '\r';
        case State::data_lf:
            state_ = State::size_first;
            return c == '\n';
        case State::trailer_start:
        case State::trailer_line:
            return accept_trailer(c);
        case State::trailer_lf:
            state_ = State::trailer_start;
            return c == '\n';
        case State::final_lf:
            state_ = State::done;
            return c == '\n';
        case State::data:
        case State::done:
        case State::broken:
            break;
    }
    return false;
}

ChunkStep ChunkedDecoder::step(std::string_view input) {
    ChunkStep result;
    if (state_ == State::broken) result.status = ChunkStatus::refused;
    while (state_ != State::done && state_ != State::broken && result.consumed < input.size()) {
        if (state_ == State::data) {
            const std::size_t available = input.size() - result.consumed;
            const auto take = static_cast<std::size_t>(std::min<std::uint64_t>(left_, available));
            result.data = input.substr(result.consumed, take);
            result.consumed += take;
            result.status = ChunkStatus::data;
            left_ -= take;
            if (left_ == 0) state_ = State::data_cr;
            return result;
        }
        if (!accept(input[result.consumed])) {
            state_ = State::broken;
            result.status = ChunkStatus::refused;
            return result;
        }
        ++result.consumed;
    }
    if (state_ == State::done) result.status = ChunkStatus::complete;
    return result;
}

std::size_t write_chunk_size(std::uint64_t size, std::span<char, 20> out) {
    std::size_t digits = 1;
    while (digits < 16 && (size >> (4 * digits)) != 0) ++digits;
    for (std::size_t i = 0; i < digits; ++i)
        out[i] = auth::kLowerHex[static_cast<std::size_t>((size >> (4 * (digits - 1 - i))) & 0xfU)];
    out[digits] = '\r';
    out[digits + 1] = '\n';
    return digits + 2;
}

}  // namespace kwikgate::gateway::http
