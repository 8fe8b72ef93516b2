#include "gateway/http/response_parser.hpp"

#include <algorithm>

#include "gateway/http/char_class.hpp"
#include "gateway/http/field_scanner.hpp"
#include "gateway/http/framing.hpp"

namespace kwikgate::gateway::http {
namespace {

using auth::FieldLine;
using auth::FieldName;

/// `HTTP/1.d SP 3DIGIT [SP reason] CRLF` at `at`, which is then behind it. The space before an
/// absent reason may be missing: many servers leave it out, and nothing depends on it.
ParseStatus parse_status_line(const char*& at, const char* end, ResponseHead& head) {
    constexpr std::string_view kForm = "HTTP/1.0 000";
    for (std::size_t i = 0; i < kForm.size(); ++i) {
        if (at + i == end) return ParseStatus::need_more;
        const bool fits = kForm[i] == '0' ? is_class(at[i], kDigitChar) : at[i] == kForm[i];
        if (!fits) return ParseStatus::refused;
    }
    if (at[7] > '1') return ParseStatus::refused;
    head.version = at[7] == '1' ? Version::http_1_1 : Version::http_1_0;
    head.status = static_cast<unsigned>((at[9] - '0') * 100 + (at[10] - '0') * 10 + (at[11] - '0'));
    // 101 would end HTTP on this connection, and we never ask for it.
    // 600 to 999 mean nothing in HTTP, but some servers use them: RFC 9110, 15 says to go on.
    if (head.status < 100 || head.status == 101) return ParseStatus::refused;
    const char* p = at + kForm.size();
    if (p == end) return ParseStatus::need_more;
    if (*p == ' ') {
        const char* const phrase = ++p;
        while (p != end && is_class(*p, kValueChar)) ++p;
        head.reason_phrase = {phrase, static_cast<std::size_t>(p - phrase)};
    }
    if (p == end) return ParseStatus::need_more;
    if (*p != '\r') return ParseStatus::refused;
    if (p + 1 == end) return ParseStatus::need_more;
    if (p[1] != '\n') return ParseStatus::refused;
    at = p + 2;
    return ParseStatus::complete;
}

/// 1xx, 204 and 304 end at the empty line whatever their fields say (RFC 9112, 6.3): such an answer
/// is whole, and only the connection is not to be trusted any more. A length of zero is harmless
/// and common; with 304 a length is what a 200 would have had.
void judge_bodiless(ResponseHead& head, bool has_coding, const FieldLine* length) {
    const auto value = length != nullptr ? parse_content_length(length->value) : std::nullopt;
    const bool may_have_length = head.status == 304 && value.has_value();
    head.has_content_length = may_have_length && !has_coding;
    head.content_length = head.has_content_length ? *value : 0;
    const bool is_harmless = length == nullptr || may_have_length || value == 0U;
    head.has_odd_framing = head.has_odd_framing || has_coding || !is_harmless;
}

/// RFC 9112, 6.3. False: refused.
bool judge_fields(ResponseHead& head, bool to_head_request) {
    TransferCodings codings;
    ConnectionOptions connection;
    const FieldLine* length = nullptr;
    unsigned lengths = 0;
    for (const FieldLine& line : head.fields) {
        if (line.known == FieldName::transfer_encoding) codings.add_line(line.value);
        if (line.known == FieldName::connection) connection.add_line(line.value);
        if (line.known == FieldName::content_length) {
            length = &line;
            ++lengths;
        }
    }
    const bool is_1_0 = head.version == Version::http_1_0;
    if (connection.too_many()) return false;
    head.keep_alive = connection.keeps_alive(is_1_0);
    if (head.status < 200 || head.status == 204 || head.status == 304) {
        if (lengths > 1) head.has_odd_framing = true;
        judge_bodiless(head, codings.present(), lengths == 1 ? length : nullptr);
        return true;
    }
    if (lengths > 1) return false;
    if (codings.present() && is_1_0) return false;
    if (codings.present() && codings.verdict() != TransferCodings::Verdict::chunked) return false;
    if (codings.present() && length != nullptr) {
        // The coding decides (RFC 9112, 6.3): there is no doubt for us, but maybe for the sender.
        if (!parse_content_length(length->value)) return false;
        head.has_odd_framing = true;
    } else if (length != nullptr) {
        const auto value = parse_content_length(length->value);
        if (!value) return false;
        head.content_length = *value;
        head.has_content_length = true;
    }
    if (to_head_request) return true;
    if (codings.present()) {
        head.framing = BodyFraming::chunked;
    } else if (head.has_content_length) {
        head.framing = BodyFraming::content_length;
    } else {
        head.framing = BodyFraming::until_close;
        head.keep_alive = false;
    }
    return true;
}

ParseStatus parse(std::string_view buffer, const HeadLimits& limits, bool to_head_request,
                  ResponseHead& head) {
    const char* at = buffer.data();
    const char* const end = at + std::min(buffer.size(), limits.head_bytes);
    const bool is_full = buffer.size() >= limits.head_bytes;
    if (at != end && *at == '\r') {  // One empty line, as some servers end the answer before.
        if (at + 1 == end) return ParseStatus::need_more;
        if (at[1] != '\n') return ParseStatus::refused;
        head.has_odd_framing = true;
        at += 2;
    }
    const std::size_t line_bound = limits.request_line_bytes + 2;
    const auto bounded = std::min(static_cast<std::size_t>(end - at), line_bound);
    const ParseStatus line = parse_status_line(at, at + bounded, head);
    if (line == ParseStatus::need_more)
        return is_full || bounded == line_bound ? ParseStatus::refused : line;
    if (line == ParseStatus::refused) return line;
    switch (scan_fields(at, end, limits.fields, head.fields)) {
        case FieldScan::need_more:
            return is_full ? ParseStatus::refused : ParseStatus::need_more;
        case FieldScan::bad_field:
        case FieldScan::too_many:
            return ParseStatus::refused;
        case FieldScan::complete:
            break;
    }
    head.head_bytes = static_cast<std::size_t>(at - buffer.data());
    return judge_fields(head, to_head_request) ? ParseStatus::complete : ParseStatus::refused;
}

}  // namespace

ParseStatus parse_response_head(std::string_view buffer, const HeadLimits& limits,
                                bool to_head_request, std::size_t& resume_at, ResponseHead& head) {
    if (resume_at != 0 &&
        !can_have_verdict(buffer, limits.request_line_bytes, limits.head_bytes, resume_at))
        return ParseStatus::need_more;
    head.clear();
    const ParseStatus status = parse(buffer, limits, to_head_request, head);
    resume_at = status == ParseStatus::need_more ? buffer.size() : 0;
    return status;
}

}  // namespace kwikgate::gateway::http
