#include "gateway/pipeline/saved_text.hpp"

#include <algorithm>
#include <string_view>

#include "gateway/pipeline/base_difference.hpp"

namespace kwikgate::gateway {

void SavedText::mend() {
    if (raw.find("\r\n") == std::string::npos) {
        const std::size_t blank = std::min(raw.find("\n\n"), raw.size());
        std::string head;
        for (const std::string& line : base_lines(std::string_view(raw).substr(0, blank)))
            if (!line.empty() || head.empty()) head += line + "\r\n";
        const std::string body = blank < raw.size() ? raw.substr(blank + 2) : std::string();
        raw = head + "\r\n" + body;
        notes.emplace_back(
            "the request's line ends are LF: its head was read as if they were CRLF");
    } else if (raw.find("\r\n\r\n") == std::string::npos) {
        raw += raw.ends_with("\r\n") ? "\r\n" : "\r\n\r\n";
        notes.emplace_back("the empty line after the head was missing and was put there");
    }
    if (has_base && base.ends_with('\n')) {
        base.pop_back();
        notes.emplace_back(
            "your base ends with a line end; a signature base has none after its last line");
    }
}

}  // namespace kwikgate::gateway
