#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace kwikgate::auth {

/// Overwrites memory in a way the compiler may not remove.
void wipe(void* data, std::size_t size) noexcept;

/// Equal without a branch or an early exit on the contents. The lengths are not secret.
bool constant_time_equal(std::span<const std::uint8_t> a, std::span<const std::uint8_t> b) noexcept;

/// A secret of fixed size. Cannot be copied, printed or compared with ==; wiped when it dies.
template <std::size_t Size>
class SecretBytes {
  public:
    SecretBytes() = default;
    SecretBytes(const SecretBytes&) = delete;
    SecretBytes& operator=(const SecretBytes&) = delete;
    SecretBytes(SecretBytes&& other) noexcept { take(other); }
    SecretBytes& operator=(SecretBytes&& other) noexcept {
        if (this != &other) take(other);
        return *this;
    }
    ~SecretBytes() { wipe(bytes_, Size); }
    std::span<std::uint8_t, Size> expose_mutable() { return std::span<std::uint8_t, Size>(bytes_); }
    std::span<const std::uint8_t, Size> expose() const {
        return std::span<const std::uint8_t, Size>(bytes_);
    }

  private:
    void take(SecretBytes& other) noexcept {
        std::memcpy(bytes_, other.bytes_, Size);
        wipe(other.bytes_, Size);
    }
    std::uint8_t bytes_[Size] = {};
};

/// A secret string (an API_SECRET before it is shown or after it was read). Move-only, wiped.
class SecretString {
  public:
    SecretString() = default;
    explicit SecretString(std::string value) : value_(std::move(value)) {}
    SecretString(const SecretString&) = delete;
    SecretString& operator=(const SecretString&) = delete;
    SecretString(SecretString&& other) noexcept;
    SecretString& operator=(SecretString&& other) noexcept;
    ~SecretString();
    bool empty() const { return value_.empty(); }
    std::size_t size() const { return value_.size(); }
    /// The one way out; name it at every use.
    std::string_view expose() const { return value_; }

  private:
    std::string value_;
};

/// The HMAC key K0 of RFC 2104: the secret, or its SHA-256 when longer than 64 bytes, zero-padded.
using HmacKey = SecretBytes<64>;

/// K0 of a presented or new secret.
HmacKey derive_hmac_key(std::string_view secret);

}  // namespace kwikgate::auth
