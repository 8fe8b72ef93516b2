#include "auth/request_view.hpp"

#include <array>
#include <bit>
#include <cstddef>
#include <cstring>

#include "auth/text_hash.hpp"

namespace kwikgate::auth {
namespace {

constexpr std::size_t kLongestName = 24;
using FoldedName = std::array<std::uint64_t, kLongestName / 8>;

struct KnownName {
    FoldedName folded{};
    std::size_t size = 0;
    FieldName name = FieldName::other;
};

constexpr KnownName known(std::string_view text, FieldName name) {
    KnownName entry;
    for (std::size_t i = 0; i < text.size(); ++i) {
        // Little endian, as the word loads of field_name see it on the machines we run on.
        entry.folded[i / 8] |= static_cast<std::uint64_t>(static_cast<unsigned char>(text[i]))
                               << (8 * (i % 8));
    }
    entry.size = text.size();
    entry.name = name;
    return entry;
}
static_assert(std::endian::native == std::endian::little);

/// By length, so that a look-up compares only names of its own length: one to four of them.
constexpr std::array kNames = {
    known("te", FieldName::te),
    known("via", FieldName::via),
    known("host", FieldName::host),
    known("date", FieldName::date),
    known("accept", FieldName::accept),
    known("expect", FieldName::expect),
    known("origin", FieldName::origin),
    known("server", FieldName::server),
    known("trailer", FieldName::trailer),
    known("upgrade", FieldName::upgrade),
    known("forwarded", FieldName::forwarded),
    known("signature", FieldName::signature),
    known("connection", FieldName::connection),
    known("keep-alive", FieldName::keep_alive),
    known("tracestate", FieldName::tracestate),
    known("traceparent", FieldName::traceparent),
    known("retry-after", FieldName::retry_after),
    known("content-type", FieldName::content_type),
    known("x-request-id", FieldName::x_request_id),
    known("authorization", FieldName::authorization),
    known("content-length", FieldName::content_length),
    known("content-digest", FieldName::content_digest),
    known("http2-settings", FieldName::http2_settings),
    known("signature-input", FieldName::signature_input),
    known("x-forwarded-for", FieldName::x_forwarded_for),
    known("x-forwarded-host", FieldName::x_forwarded_host),
    known("proxy-connection", FieldName::proxy_connection),
    known("transfer-encoding", FieldName::transfer_encoding),
    known("x-forwarded-proto", FieldName::x_forwarded_proto),
    known("proxy-authenticate", FieldName::proxy_authenticate),
    known("proxy-authorization", FieldName::proxy_authorization),
};

/// Where the names of each length start in kNames.
constexpr std::array<std::uint8_t, kLongestName + 2> build_starts() {
    std::array<std::uint8_t, kLongestName + 2> starts{};
    std::size_t next = 0;
    for (std::size_t length = 0; length < starts.size(); ++length) {
        while (next < kNames.size() && kNames[next].size < length) ++next;
        starts[length] = static_cast<std::uint8_t>(next);
    }
    return starts;
}
constexpr auto kStarts = build_starts();

constexpr bool is_sorted_by_length() {
    for (std::size_t i = 1; i < kNames.size(); ++i)
        if (kNames[i - 1].size > kNames[i].size) return false;
    return kNames.back().size <= kLongestName;
}
static_assert(is_sorted_by_length());

}  // namespace

FieldName field_name(std::string_view name) {
    if (name.empty() || name.size() > kLongestName) return FieldName::other;
    const std::size_t begin = kStarts[name.size()];
    const std::size_t end = kStarts[name.size() + 1];
    if (begin == end) return FieldName::other;
    FoldedName folded{};
    std::memcpy(folded.data(), name.data(), name.size());
    for (std::uint64_t& word : folded) word = to_lower_bytes(word);
    for (std::size_t i = begin; i < end; ++i)
        if (kNames[i].folded == folded) return kNames[i].name;
    return FieldName::other;
}

}  // namespace kwikgate::auth
