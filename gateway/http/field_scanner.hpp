#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "auth/request_view.hpp"

/// The field section of requests, responses: one grammar, one scanner (RFC 9112, 5).
namespace kwikgate::gateway::http {

/// Empty lines that are skipped before a request line. RFC 9112, 2.2, wants one at least: some
/// clients write a CRLF behind a body.
inline constexpr std::size_t kMaxEmptyLines = 4;

enum class FieldScan : std::uint8_t { need_more, complete, bad_field, too_many };

/// Reads field lines from `at` up to and with the empty line; `at` is then behind it. A line is
/// `name ":" OWS value OWS CRLF`: nothing before or within the name, no folding, no bare CR or LF,
/// no control byte but HTAB in the value, bytes 0x80-0xFF (obs-text) allowed there. A refusal never
/// depends on what follows it.
/// **Cost**: one pass; no allocation within the capacity of `fields`.
FieldScan scan_fields(const char*& at, const char* end, std::size_t max_fields,
                      std::vector<auth::FieldLine>& fields);

/// For a head that arrives in pieces: looks only at `buffer` from `resume_at` on (a line just
/// completed is looked at once more) and tells whether parsing from the start can have come to a
/// verdict. Moves `resume_at` to the end when not. An incomplete last line is not judged. **Cost**:
/// linear over all calls together.
bool can_have_verdict(std::string_view buffer, std::size_t start_line_limit, std::size_t head_limit,
                      std::size_t& resume_at);

/// True when `value` may stand as a field value: no CR, LF, NUL or other control byte but HTAB.
bool is_field_value(std::string_view value);

}  // namespace kwikgate::gateway::http
