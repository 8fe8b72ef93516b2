#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "auth/vocabulary.hpp"

namespace kwikgate::gateway {

/// What somebody saved or pasted to have it explained, and what had to be done to it.
struct SavedText {
    std::string raw;   ///< The request, head and body.
    std::string base;  ///< The signature base that its client computed.
    bool has_base = false;
    auth::Timestamp at{};             ///< The time it is judged at.
    std::string_view format = "raw";  ///< What it was read as. A literal.
    std::string scheme;               ///< Of its URL; empty: it names none.
    std::vector<std::string> notes;   ///< A clause for each repair.

    /// Puts right what an editor or a form does to a message: line ends of its own in the head, an
    /// empty line that is missing, a line end after the base. Says so in `notes`.
    void mend();
};

}  // namespace kwikgate::gateway
