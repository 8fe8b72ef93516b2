#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gateway/pasted/pasted_request.hpp"

namespace kwikgate::gateway {

/// An absolute URL in its parts. **Borrows** the text.
struct UrlParts {
    std::string_view scheme;     ///< "http" where the URL has none.
    std::string_view user_info;  ///< What stands before "@".
    std::string_view authority;
    std::string_view target;  ///< From the path on, without a fragment; may be empty.
};
UrlParts split_any_url(std::string_view url);

/// A request on its way to become the text of one.
class RequestText {
  public:
    std::string method = "GET";
    std::string target = "/";
    std::string authority;
    std::vector<std::pair<std::string, std::string>> fields;
    std::optional<std::string> body;
    bool lacks_body = false;  ///< There is one, and it is not known.

    bool has(std::string_view name) const;
    /// Adds the field unless there is one of that name.
    void set_default(std::string_view name, std::string value);
    /// `Basic` with the two joined by a colon.
    void set_basic(std::string_view key_and_secret);
    /// Head and body. Adds Host and, for a body, Content-Length.
    std::string to_raw() const;
};

/// The lines of a text, without their line ends. **Borrows** it.
std::vector<std::string_view> lines_of(std::string_view text);
std::string_view trimmed(std::string_view text);
/// `METHOD target HTTP/…`, as the first line of a request is.
bool is_request_line(std::string_view line);
bool is_method(std::string_view word);

}  // namespace kwikgate::gateway
