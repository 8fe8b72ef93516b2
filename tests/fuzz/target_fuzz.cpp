/// Claims: an accepted target is put together from its parts without a changed byte; no way of
/// decoding its path (once, with backslashes as slashes, with parameters cut off) leads to a dot
/// segment or, but by `%2F`, an empty one.

#include <string>

#include "auth/authority.hpp"
#include "gateway/http/target.hpp"
#include "tests/fuzz/fuzz_input.hpp"

namespace {

using namespace kwikgate;
using namespace kwikgate::gateway::http;
using fuzz::require;

int digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

std::string decode(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            out.push_back(text[i]);
            continue;
        }
        require(i + 2 < text.size(), "escapes are whole");
        const int high = digit(text[i + 1]);
        const int low = digit(text[i + 2]);
        require(high >= 0 && low >= 0, "escapes are hex");
        out.push_back(static_cast<char>(high * 16 + low));
        i += 2;
    }
    return out;
}

void check_path(std::string_view raw) {
    require(raw.starts_with('/'), "a path starts with a slash");
    require(raw.find("//") == std::string_view::npos, "no empty segment");
    const std::string path = decode(raw);
    for (const char c : path) {
        const auto byte = static_cast<unsigned char>(c);
        require(byte >= 0x20 && byte != 0x7f && c != '\\', "no control byte or backslash");
    }
    std::string_view rest = path;
    while (!rest.empty()) {
        rest.remove_prefix(1);
        const std::string_view segment = rest.substr(0, rest.find('/'));
        const std::string_view name = segment.substr(0, segment.find(';'));
        require(name != "." && name != "..", "no dot segment");
        rest.remove_prefix(segment.size());
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view target = fuzz::as_text(data, size);
    const TargetParts parts = split_target(target);
    if (parts.reason != auth::Reason::none) {
        require(parts.reason == auth::Reason::bad_request_line ||
                    parts.reason == auth::Reason::target_ambiguous,
                "one of two reasons");
        return 0;
    }
    for (const char c : target) {
        const auto byte = static_cast<unsigned char>(c);
        require(byte > 0x20 && byte != 0x7f && c != '#', "no blanks, no fragment");
    }
    for (const char c : parts.path) require(c > 0x20, "a path of ASCII");
    require(parts.query.find("%00") == std::string_view::npos, "no NUL in a query");
    std::string together{parts.path};
    if (parts.has_query) together.append("?").append(parts.query);
    if (parts.authority.empty()) {
        require(together == target, "origin-form is its parts");
    } else {
        require(auth::parse_authority(parts.authority).has_value(), "authority");
        require(target.ends_with(together) || parts.path == "/",
                "absolute-form ends with its parts");
    }
    check_path(parts.path);
    return 0;
}
