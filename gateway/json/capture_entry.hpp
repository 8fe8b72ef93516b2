#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "auth/vocabulary.hpp"

namespace kwikgate::gateway {

/// A refused request as the debug capture keeps it: enough to explain it, nothing secret.
struct CaptureEntry {
    auth::Timestamp at{};  ///< When it was judged.
    std::string request_id;
    std::string listener;
    std::string peer;
    unsigned status = 0;
    std::string reason;
    std::string phase;
    std::string token;         ///< Id of the token whose API_KEY it names; empty: there is none.
    std::string head;          ///< See `redacted_head`.
    std::string body_digest;   ///< Of the body that came, where it was not the one that was signed.
    std::size_t left_out = 0;  ///< Field values that are not in `head`.
};

/// The entry as one line of JSON, with its line end.
std::string capture_line(const CaptureEntry& entry);

/// The last entry with that request id; a client may use one twice.
std::optional<CaptureEntry> find_capture(std::string_view lines, std::string_view request_id);

/// The last entry of all.
std::optional<CaptureEntry> last_capture(std::string_view lines);

}  // namespace kwikgate::gateway
