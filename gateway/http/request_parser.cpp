#include "gateway/http/request_parser.hpp"

#include <algorithm>

#include "auth/authority.hpp"
#include "gateway/http/char_class.hpp"
#include "gateway/http/field_scanner.hpp"
#include "gateway/http/folded_names.hpp"
#include "gateway/http/framing.hpp"
#include "gateway/http/target.hpp"

namespace kwikgate::gateway::http {
namespace {

using auth::FieldLine;
using auth::FieldName;
using auth::Reason;

constexpr std::size_t kMaxMethodBytes = 32;
constexpr std::uint64_t kMostForwards = 1'000'000;

RequestParseResult refuse(Reason reason) {
    return {ParseStatus::refused, reason};
}
constexpr RequestParseResult kNeedMore{ParseStatus::need_more, Reason::none};
constexpr RequestParseResult kComplete{ParseStatus::complete, Reason::none};

/// `HTTP/d.d CRLF` at `at`, which is then behind it.
RequestParseResult parse_version(const char*& at, const char* end, Version& version) {
    constexpr std::string_view kForm = "HTTP/0.0\r\n";
    for (std::size_t i = 0; i < kForm.size(); ++i) {
        if (at + i == end) return kNeedMore;
        const bool fits = kForm[i] == '0' ? is_class(at[i], kDigitChar) : at[i] == kForm[i];
        if (!fits) return refuse(Reason::bad_request_line);
    }
    // A higher minor version can be read as 1.1 and is answered as 1.1 (RFC 9110, 2.5).
    if (at[5] != '1') return refuse(Reason::version_unsupported);
    version = at[7] == '0' ? Version::http_1_0 : Version::http_1_1;
    at += kForm.size();
    return kComplete;
}

/// `method SP target SP version CRLF` at `at`, which is then behind it.
RequestParseResult parse_request_line(const char*& at, const char* end, RequestHead& head) {
    const char* p = at;
    while (p != end && is_class(*p, kTokenChar)) ++p;
    head.method = {at, static_cast<std::size_t>(p - at)};
    if (head.method.size() > kMaxMethodBytes) return refuse(Reason::bad_request_line);
    if (p == end) return kNeedMore;
    if (*p != ' ' || head.method.empty()) return refuse(Reason::bad_request_line);
    const char* const target = ++p;
    while (p != end && static_cast<unsigned char>(*p) > 0x20 && *p != 0x7f) ++p;
    if (p == end) return kNeedMore;
    head.target = {target, static_cast<std::size_t>(p - target)};
    if (*p != ' ' || head.target.empty()) return refuse(Reason::bad_request_line);
    ++p;
    const RequestParseResult version = parse_version(p, end, head.version);
    if (version.status != ParseStatus::complete) return version;
    // Who asks for a tunnel may send anything behind the head: nothing is read any more.
    if (head.method == "CONNECT") return refuse(Reason::method_unsupported);
    if (head.method == "OPTIONS" && head.target == "*") {
        head.path = head.target;
        at = p;
        return kComplete;
    }
    TargetParts parts = split_target(head.target);
    if (parts.reason != Reason::none) return refuse(parts.reason);
    // RFC 9112, 3.2.4: this is asterisk-form to the last proxy.
    if (head.method == "OPTIONS" && !parts.authority.empty() && !parts.has_query &&
        head.target.back() != '/' && parts.path == "/")
        parts.path = "*";
    head.path = parts.path;
    head.query = parts.query;
    head.has_query = parts.has_query;
    head.authority = parts.authority;
    at = p;
    return kComplete;
}

/// What the fields with a meaning for the message itself hold.
struct MessageFields {
    const FieldLine* host = nullptr;
    const FieldLine* content_length = nullptr;
    const FieldLine* expect = nullptr;
    unsigned hosts = 0;
    unsigned content_lengths = 0;
    unsigned content_types = 0;
    unsigned origins = 0;
    unsigned expects = 0;
    bool has_odd_name = false;  ///< One that folding may change.
    TransferCodings codings;
    ConnectionOptions connection;
};

MessageFields collect(const RequestHead& head) {
    MessageFields found;
    for (const FieldLine& line : head.fields) {
        switch (line.known) {
            case FieldName::other:
                found.has_odd_name = found.has_odd_name || !is_plain_name(line.name);
                break;
            case FieldName::host:
                found.host = &line;
                ++found.hosts;
                break;
            case FieldName::content_length:
                found.content_length = &line;
                ++found.content_lengths;
                break;
            case FieldName::expect:
                if (line.value.empty()) break;  // A list without members (RFC 9110, 5.6.1.2).
                found.expect = &line;
                ++found.expects;
                break;
            case FieldName::content_type:
                ++found.content_types;
                break;
            case FieldName::origin:
                ++found.origins;
                break;
            case FieldName::transfer_encoding:
                found.codings.add_line(line.value);
                break;
            case FieldName::connection:
                found.connection.add_line(line.value);
                break;
            default:
                break;
        }
    }
    return found;
}

/// Whether an absolute target and the Host field name the same place.
bool is_host_of_target(const RequestHead& head, const auth::Authority& host) {
    const auto of_target = auth::parse_authority(head.authority);
    const std::string_view scheme = head.target.substr(0, head.target.find(':'));
    return of_target && auth::is_same_authority(*of_target, host, scheme);
}

/// RFC 9112, 3.2 and 3.2.2. `head.authority` holds the authority of an absolute target, or nothing.
Reason judge_host(const MessageFields& found, RequestHead& head) {
    if (found.hosts > 1) return Reason::bad_host;
    if (found.hosts == 0)
        return head.version == Version::http_1_0 ? Reason::none : Reason::bad_host;
    const std::string_view host = found.host->value;
    const auto parsed = auth::parse_authority(host);
    if (!parsed) return Reason::bad_host;
    // The RFC would have the Host ignored: an upstream that looks at the other one is the risk.
    if (!head.authority.empty() && !is_host_of_target(head, *parsed)) return Reason::bad_host;
    head.authority = host;
    return Reason::none;
}

/// RFC 9112, 6.1 to 6.3; where the RFC lets a server repair, we refuse.
Reason judge_framing(const MessageFields& found, RequestHead& head) {
    if (found.codings.present()) {
        if (found.content_lengths > 0 || head.version == Version::http_1_0)
            return Reason::bad_framing;
        const TransferCodings::Verdict verdict = found.codings.verdict();
        if (verdict == TransferCodings::Verdict::unsupported)
            return Reason::transfer_coding_unsupported;
        if (verdict != TransferCodings::Verdict::chunked) return Reason::bad_framing;
        head.framing = BodyFraming::chunked;
        return Reason::none;
    }
    if (found.content_lengths == 0) return Reason::none;
    if (found.content_lengths > 1) return Reason::bad_framing;
    const auto length = parse_content_length(found.content_length->value);
    if (!length) return Reason::bad_framing;
    head.framing = BodyFraming::content_length;
    head.content_length = *length;
    return Reason::none;
}

/// RFC 9110, 10.1.1: only 100-continue exists; HTTP/1.0 clients do not mean it.
Reason judge_expect(const MessageFields& found, RequestHead& head) {
    if (found.expects == 0) return Reason::none;
    if (found.expects > 1 || !equal_ignoring_case(found.expect->value, "100-continue"))
        return Reason::expectation_failed;
    const bool has_body = head.framing == BodyFraming::chunked || head.content_length > 0;
    head.expects_continue = has_body && head.version == Version::http_1_1;
    return Reason::none;
}

/// RFC 9110, 7.6.2: 1*DIGIT, once, and only for methods that trace a route.
Reason judge_max_forwards(RequestHead& head) {
    if (head.method != "OPTIONS") return Reason::none;
    for (const FieldLine& line : head.fields) {
        if (!equal_ignoring_case(line.name, "max-forwards")) continue;
        const auto count = parse_content_length(line.value);
        if (head.max_forwards >= 0 || !count) return Reason::bad_header;
        head.max_forwards = static_cast<std::int64_t>(std::min(*count, kMostForwards));
    }
    return Reason::none;
}

Reason judge_fields(RequestHead& head) {
    const MessageFields found = collect(head);
    // Framing first: an answer to any later reason may keep the connection.
    if (const Reason reason = judge_framing(found, head); reason != Reason::none) return reason;
    if (const Reason reason = judge_host(found, head); reason != Reason::none) return reason;
    if (found.connection.too_many()) return Reason::bad_header;
    if (found.content_types > 1 || found.origins > 1) return Reason::duplicate_field;
    if (const Reason reason = judge_max_forwards(head); reason != Reason::none) return reason;
    if (found.has_odd_name && has_twins(head.fields)) return Reason::duplicate_field;
    head.keep_alive = found.connection.keeps_alive(head.version == Version::http_1_0);
    return judge_expect(found, head);
}

/// One pass from the start of the buffer.
RequestParseResult parse(std::string_view buffer, const HeadLimits& limits, RequestHead& head) {
    const char* at = buffer.data();
    const char* const head_end = at + std::min(buffer.size(), limits.head_bytes);
    for (std::size_t i = 0; i < kMaxEmptyLines && at != head_end && *at == '\r'; ++i) {
        if (at + 1 == head_end) return kNeedMore;
        if (at[1] != '\n') return refuse(Reason::bad_request_line);
        at += 2;
    }
    const auto left = static_cast<std::size_t>(head_end - at);
    const std::size_t line_bound = limits.request_line_bytes + 2;
    RequestParseResult line = parse_request_line(at, at + std::min(left, line_bound), head);
    if (line.status == ParseStatus::need_more && left >= line_bound)
        return refuse(Reason::target_too_long);
    if (line.status == ParseStatus::complete) {
        switch (scan_fields(at, head_end, limits.fields, head.fields)) {
            case FieldScan::need_more:
                line = kNeedMore;
                break;
            case FieldScan::bad_field:
                return refuse(Reason::bad_header);
            case FieldScan::too_many:
                return refuse(Reason::header_too_large);
            case FieldScan::complete:
                break;
        }
    }
    if (line.status == ParseStatus::need_more && buffer.size() >= limits.head_bytes)
        return refuse(Reason::header_too_large);
    if (line.status != ParseStatus::complete) return line;
    head.head_bytes = static_cast<std::size_t>(at - buffer.data());
    const Reason reason = judge_fields(head);
    return reason == Reason::none ? kComplete : refuse(reason);
}

}  // namespace

RequestParseResult parse_request_head(std::string_view buffer, const HeadLimits& limits,
                                      std::size_t& resume_at, RequestHead& head) {
    if (resume_at != 0 &&
        !can_have_verdict(buffer, limits.request_line_bytes, limits.head_bytes, resume_at))
        return kNeedMore;
    head.clear();
    const RequestParseResult result = parse(buffer, limits, head);
    resume_at = result.status == ParseStatus::need_more ? buffer.size() : 0;
    return result;
}

}  // namespace kwikgate::gateway::http
