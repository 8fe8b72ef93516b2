#include "auth/audit_json.hpp"

#include "auth/ascii.hpp"

namespace kwikgate::auth {

void AuditJson::quote(std::string_view value) {
    out_ += '"';
    for (const char c : value) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out_ += '\\';
            out_ += c;
        } else if (byte < 0x20) {
            out_ += "\\u00";
            out_ += kLowerHex[byte >> 4];
            out_ += kLowerHex[byte & 15];
        } else {
            out_ += c;
        }
    }
    out_ += '"';
}

void AuditJson::begin(std::string_view name) {
    if (out_.size() > 1) out_ += ',';
    quote(name);
    out_ += ':';
}

AuditJson& AuditJson::text(std::string_view name, std::string_view value) {
    begin(name);
    quote(value);
    return *this;
}

AuditJson& AuditJson::texts(std::string_view name, const std::vector<std::string>& values) {
    begin(name);
    out_ += '[';
    for (const std::string& value : values) {
        if (&value != &values.front()) out_ += ',';
        quote(value);
    }
    out_ += ']';
    return *this;
}

AuditJson& AuditJson::number(std::string_view name, std::uint64_t value) {
    begin(name);
    out_ += std::to_string(value);
    return *this;
}

AuditJson& AuditJson::boolean(std::string_view name, bool value) {
    begin(name);
    out_ += value ? "true" : "false";
    return *this;
}

AuditJson& AuditJson::null(std::string_view name) {
    begin(name);
    out_ += "null";
    return *this;
}

}  // namespace kwikgate::auth
