#include "gateway/telemetry/json_line.hpp"

namespace kwikgate::gateway {

void JsonLine::text(std::string_view key, std::string_view value) {
    begin(key);
    put("\"");
    std::size_t plain = 0;
    for (std::size_t i = 0; i < value.size(); ++i) {
        const auto c = static_cast<unsigned char>(value[i]);
        if (c >= 0x20 && c < 0x7f && c != '"' && c != '\\') continue;
        put(value.substr(plain, i - plain));
        plain = i + 1;
        if (c == '"' || c == '\\') {
            put("\\");
            put(value.substr(i, 1));
        } else {
            put("?");
        }
    }
    put(value.substr(plain));
    put("\"");
}

}  // namespace kwikgate::gateway
