#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace kwikgate::auth {

/// Writes one flat JSON object (RFC 8259), members in the order of the calls. Text must be UTF-8,
/// as all settings are; quotes, backslashes and control characters are escaped.
class AuditJson {
  public:
    AuditJson& text(std::string_view name, std::string_view value);
    AuditJson& texts(std::string_view name, const std::vector<std::string>& values);
    AuditJson& number(std::string_view name, std::uint64_t value);
    AuditJson& boolean(std::string_view name, bool value);
    AuditJson& null(std::string_view name);
    std::string finish() { return out_ + "}"; }

  private:
    void begin(std::string_view name);
    void quote(std::string_view value);
    std::string out_ = "{";
};

}  // namespace kwikgate::auth
