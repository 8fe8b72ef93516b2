#include "gateway/http/trace_context.hpp"

#include <array>
#include <cstring>

#include "gateway/http/char_class.hpp"

namespace kwikgate::gateway::http {
namespace {

// Where the parts stand: version 0, trace id 3, parent id 36, flags 53.
constexpr std::size_t kTraceIdAt = 3;
constexpr std::size_t kParentIdAt = 36;
constexpr std::size_t kFlagsAt = 53;
constexpr unsigned kSampledFlag = 0x1;
constexpr unsigned kKnownFlags = 0x3;

bool is_lower_hex(std::string_view text) {
    for (const char c : text)
        if (!is_class(c, kHexChar) || c != to_lower(c)) return false;
    return true;
}

bool is_id(std::string_view text) {
    return is_lower_hex(text) && text.find_first_not_of('0') != std::string_view::npos;
}

}  // namespace

std::uint64_t next_span_id(IdSource& source) {
    for (;;)
        if (const std::uint64_t id = source.next(); id != 0) return id;
}

bool is_valid_traceparent(std::string_view value) {
    if (value.size() < kTraceparentBytes || value[2] != '-' || value[35] != '-' || value[52] != '-')
        return false;
    const std::string_view version = value.substr(0, 2);
    if (!is_lower_hex(version) || version == "ff") return false;
    if (!is_id(value.substr(kTraceIdAt, 32)) || !is_id(value.substr(kParentIdAt, 16))) return false;
    if (!is_lower_hex(value.substr(kFlagsAt, 2))) return false;
    return value.size() == kTraceparentBytes ||
           (version != "00" && value[kTraceparentBytes] == '-');
}

bool continue_trace(std::string_view from_client, IdSource& source, Traceparent& out) {
    std::array<char, kTraceparentBytes> text{};
    std::memcpy(text.data(), "00-", kTraceIdAt);
    text[35] = text[52] = '-';
    text[kFlagsAt] = text[kFlagsAt + 1] = '0';
    const bool is_continued = is_valid_traceparent(from_client);
    if (is_continued) {
        std::memcpy(text.data() + kTraceIdAt, from_client.data() + kTraceIdAt, 32);
        const unsigned flags = hex_value(from_client[kFlagsAt + 1]) & kKnownFlags;
        text[kFlagsAt + 1] = static_cast<char>('0' + flags);
    } else {
        write_hex(next_span_id(source), text.data() + kTraceIdAt);
        write_hex(source.next(), text.data() + kTraceIdAt + 16);
    }
    write_hex(next_span_id(source), text.data() + kParentIdAt);
    out.assign({text.data(), text.size()});
    return is_continued;
}

std::string_view trace_id_of(std::string_view traceparent) {
    return traceparent.substr(kTraceIdAt, 32);
}

std::string_view parent_id_of(std::string_view traceparent) {
    return traceparent.substr(kParentIdAt, 16);
}

bool is_sampled(std::string_view traceparent) {
    return (hex_value(traceparent[kFlagsAt + 1]) & kSampledFlag) != 0;
}

void set_sampled(Traceparent& traceparent, bool is_sampled) {
    std::array<char, kTraceparentBytes> text{};
    std::memcpy(text.data(), traceparent.view().data(), traceparent.view().size());
    const unsigned others = hex_value(text[kFlagsAt + 1]) & ~kSampledFlag;
    text[kFlagsAt + 1] = static_cast<char>('0' + (others | (is_sampled ? kSampledFlag : 0U)));
    traceparent.assign({text.data(), text.size()});
}

}  // namespace kwikgate::gateway::http
