#include "gateway/http/field_scanner.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

#include "gateway/http/char_class.hpp"

namespace kwikgate::gateway::http {
namespace {

/// First byte that cannot be part of a field value. Eight bytes a step: values are most of a head.
const char* skip_value(const char* at, const char* end) {
    if constexpr (std::endian::native == std::endian::little) {
        constexpr std::uint64_t kOnes = 0x0101010101010101U;
        constexpr std::uint64_t kHigh = 0x8080808080808080U;
        while (end - at >= 8) {
            std::uint64_t word = 0;
            std::memcpy(&word, at, 8);
            const std::uint64_t del = word ^ (kOnes * 0x7f);
            // Borrows run upwards only, so the lowest marked byte is exact.
            const std::uint64_t marked =
                (((word - kOnes * 0x20) & ~word) | ((del - kOnes) & ~del)) & kHigh;
            if (marked == 0) {
                at += 8;
                continue;
            }
            at += std::countr_zero(marked) / 8;
            if (*at != '\t') return at;
            ++at;
        }
    }
    while (at != end && is_class(*at, kValueChar)) ++at;
    return at;
}

FieldScan scan_field(const char*& at, const char* end, auth::FieldLine& line) {
    const char* p = at;
    const char* const name = p;
    while (p != end && is_class(*p, kTokenChar)) ++p;
    if (p == end) return FieldScan::need_more;
    if (*p != ':' || p == name) return FieldScan::bad_field;
    line.name = {name, static_cast<std::size_t>(p - name)};
    ++p;
    while (p != end && (*p == ' ' || *p == '\t')) ++p;
    const char* const value = p;
    p = skip_value(p, end);
    if (p == end) return FieldScan::need_more;
    if (*p != '\r') return FieldScan::bad_field;
    if (p + 1 == end) return FieldScan::need_more;
    if (p[1] != '\n') return FieldScan::bad_field;
    const char* last = p;
    while (last != value && (last[-1] == ' ' || last[-1] == '\t')) --last;
    line.value = {value, static_cast<std::size_t>(last - value)};
    at = p + 2;
    return FieldScan::complete;
}

/// Bytes of the empty lines that may stand before the start line.
std::size_t leading_bytes(std::string_view buffer) {
    std::size_t bytes = 0;
    while (bytes < 2 * kMaxEmptyLines && buffer.substr(bytes, 2) == "\r\n") bytes += 2;
    return bytes;
}

/// Whether the line [start, lf] that just became complete can lead to a verdict. `lead`: where the
/// start line begins.
bool line_can_have_verdict(std::string_view buffer, std::size_t lead, std::size_t start,
                           std::size_t lf) {
    if (lf == start || buffer[lf - 1] != '\r') return true;
    if (start < lead) return false;
    const bool is_empty = lf - start == 1;
    if (is_empty || start == lead) return true;
    const char* at = buffer.data() + start;
    auth::FieldLine line;
    return scan_field(at, buffer.data() + lf + 1, line) != FieldScan::complete;
}

}  // namespace

FieldScan scan_fields(const char*& at, const char* end, std::size_t max_fields,
                      std::vector<auth::FieldLine>& fields) {
    for (;;) {
        if (at == end) return FieldScan::need_more;
        if (*at == '\r') {
            if (at + 1 == end) return FieldScan::need_more;
            if (at[1] != '\n') return FieldScan::bad_field;
            at += 2;
            return FieldScan::complete;
        }
        if (fields.size() >= max_fields) return FieldScan::too_many;
        auth::FieldLine line;
        const FieldScan scan = scan_field(at, end, line);
        if (scan != FieldScan::complete) return scan;
        line.known = auth::field_name(line.name);
        fields.push_back(line);
    }
}

bool can_have_verdict(std::string_view buffer, std::size_t start_line_limit, std::size_t head_limit,
                      std::size_t& resume_at) {
    if (buffer.size() >= head_limit) return true;
    // The start line has a limit of its own; its CRLF is not counted. Once it has been looked at up
    // to there, its end was found: else there would have been a verdict.
    const std::size_t lead = leading_bytes(buffer);
    const std::string_view line = buffer.substr(lead);
    if (line.size() >= start_line_limit && resume_at < lead + start_line_limit + 2 &&
        line.substr(0, start_line_limit + 2).find('\n') == std::string_view::npos)
        return true;
    for (std::size_t i = std::min(resume_at, buffer.size()); i < buffer.size(); ++i) {
        const char c = buffer[i];
        if (c == '\n') {
            const std::size_t before = i == 0 ? std::string_view::npos : buffer.rfind('\n', i - 1);
            const std::size_t start = before == std::string_view::npos ? 0 : before + 1;
            if (line_can_have_verdict(buffer, lead, start, i)) return true;
            continue;
        }
        if (i > 0 && buffer[i - 1] == '\r') return true;
        if (c != '\r' && !is_class(c, kValueChar)) return true;
    }
    resume_at = buffer.size();
    return false;
}

bool is_field_value(std::string_view value) {
    const char* const end = value.data() + value.size();
    return skip_value(value.data(), end) == end;
}

}  // namespace kwikgate::gateway::http
