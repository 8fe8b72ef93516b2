#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

/// What Content-Length, Transfer-Encoding and Connection say, judged the same for requests and
/// responses. Nothing here allocates or borrows beyond a call. **Spec**: RFC 9112 6, 9.3, 9.6.
namespace kwikgate::gateway::http {

/// 1-19 digits and at most 2^63 - 1; no sign, list, space or empty value.
std::optional<std::uint64_t> parse_content_length(std::string_view value);

/// The transfer codings of all Transfer-Encoding lines of a message, in order.
class TransferCodings {
  public:
    enum class Verdict : std::uint8_t {
        absent,
        chunked,      ///< `chunked` alone; empty list elements do not count.
        malformed,    ///< No coding at all, repeated, parametrised, or chunked not last.
        unsupported,  ///< A coding that we do not know.
    };
    void add_line(std::string_view value);
    bool present() const { return present_; }
    Verdict verdict() const;

  private:
    bool present_ = false;
    bool malformed_ = false;
    bool unknown_ = false;
    bool chunked_ = false;
};

/// The options of all Connection lines of a message.
class ConnectionOptions {
  public:
    static constexpr unsigned kMaxOptions = 32;
    void add_line(std::string_view value);
    /// More options than any honest peer sends: each of them costs a comparison with every field.
    bool too_many() const { return count_ > kMaxOptions; }
    /// RFC 9112, 9.3: `close` wins; HTTP/1.0 persists only when asked to.
    bool keeps_alive(bool is_http_1_0) const { return !close_ && (!is_http_1_0 || keep_alive_); }

  private:
    bool close_ = false;
    bool keep_alive_ = false;
    unsigned count_ = 0;
};

}  // namespace kwikgate::gateway::http
