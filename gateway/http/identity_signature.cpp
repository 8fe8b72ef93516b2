#include "gateway/http/identity_signature.hpp"

#include <cassert>

#include "auth/ascii.hpp"
#include "gateway/http/field_scanner.hpp"

namespace kwikgate::gateway::http {
namespace {

/// Gathers short pieces into whole blocks of the hash.
class Lines {
  public:
    explicit Lines(const auth::HmacSha256Key& key) : hmac_(key) {}

    void put(std::string_view text) {
        if (text.size() > buffer_.size() - size_) flush();
        if (text.size() > buffer_.size()) {
            hmac_.update(text);
            return;
        }
        text.copy(buffer_.data() + size_, text.size());
        size_ += text.size();
    }
    void put_lower(std::string_view text) {
        for (const char c : text) {
            const char lower = auth::to_lower(c);
            put({&lower, 1});
        }
    }
    void finish(std::span<std::uint8_t, auth::HmacSha256::kSize> mac) {
        flush();
        hmac_.finish(mac);
    }

  private:
    void flush() {
        hmac_.update({buffer_.data(), size_});
        size_ = 0;
    }

    auth::HmacSha256 hmac_;
    std::array<char, 512> buffer_;
    std::size_t size_ = 0;
};

}  // namespace

void IdentityFields::add(std::string_view name, std::string_view value) {
    const bool is_sound = is_field_value(value);
    assert(is_sound && count_ < fields_.size());
    if (value.empty() || !is_sound || count_ == fields_.size()) return;
    fields_[count_++] = {name, value};
}

void IdentityFields::append_to(std::string& out) const {
    for (std::size_t i = 0; i < count_; ++i)
        out.append(fields_[i].name).append(": ").append(fields_[i].value).append("\r\n");
}

void IdentityFields::append_signature(const auth::HmacSha256Key& key, const RequestHead& head,
                                      std::string_view request_id, std::string& out) const {
    Lines lines(key);
    for (const std::string_view part :
         {kIdentityVersion, std::string_view("\n"), head.method, std::string_view("\n"), head.path,
          std::string_view(head.has_query ? "?" : ""), head.query, std::string_view("\n"),
          request_id, std::string_view("\n")})
        lines.put(part);
    for (std::size_t i = 0; i < count_; ++i) {
        lines.put_lower(fields_[i].name);
        lines.put(": ");
        lines.put(fields_[i].value);
        lines.put("\n");
    }
    std::array<std::uint8_t, auth::HmacSha256::kSize> mac;
    lines.finish(mac);
    out.append("X-Kwik-Signature: ");
    for (const std::uint8_t byte : mac) {
        out.push_back(auth::kLowerHex[byte >> 4]);
        out.push_back(auth::kLowerHex[byte & 0x0f]);
    }
    out.append("\r\n");
}

}  // namespace kwikgate::gateway::http
