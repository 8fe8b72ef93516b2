#pragma once

#include <simdjson.h>

/// simdjson refuses a document for one value that this machine cannot hold, though it is JSON
/// (RFC 8259, 6 and 8.2). Here such a document is read, and only the value does not fit.
namespace kwikgate::gateway {

/// What is done with an escape that is half of a surrogate pair.
enum class LoneSurrogates : std::uint8_t {
    refuse,   ///< Where the text is taken over: it is no character.
    replace,  ///< By U+FFFD, where nobody needs the text.
};

/// Parses `text`, which may be changed meanwhile. A number beyond 64 bits or a double reads as 0.5,
/// so that a member that wants a whole number, a text or anything else refuses it by its name.
/// **Errors**: as simdjson; STRING_ERROR for a lone surrogate that is refused. **Cost**: as
/// simdjson for what it takes; two passes more for what it does not.
simdjson::error_code parse_fitting(simdjson::dom::parser& parser, simdjson::padded_string& text,
                                   LoneSurrogates lone, simdjson::dom::element& out);

}  // namespace kwikgate::gateway
