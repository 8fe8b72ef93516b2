#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace kwikgate::auth {

/// SHA-256 in place: no heap, no failure. Uses OpenSSL's block functions directly, because fetching
/// and initialising an EVP context costs as much as hashing a short message. Wiped by `finish`.
class Sha256 {
  public:
    static constexpr std::size_t kSize = 32;
    Sha256() { reset(); }
    void reset() noexcept;
    void update(std::span<const std::uint8_t> bytes) noexcept;
    void update(std::string_view text) noexcept;
    void finish(std::span<std::uint8_t, kSize> out) noexcept;  ///< `reset` before the next use.

  private:
    alignas(8) std::array<std::byte, 112> state_;
};

/// SHA-512, likewise.
class Sha512 {
  public:
    static constexpr std::size_t kSize = 64;
    Sha512() { reset(); }
    void reset() noexcept;
    void update(std::span<const std::uint8_t> bytes) noexcept;
    void finish(std::span<std::uint8_t, kSize> out) noexcept;

  private:
    alignas(8) std::array<std::byte, 216> state_;
};

class HmacSha256Key;

/// HMAC-SHA256 with a key already brought to 64 bytes (K0 of RFC 2104), piece by piece.
class HmacSha256 {
  public:
    static constexpr std::size_t kSize = Sha256::kSize;
    explicit HmacSha256(std::span<const std::uint8_t, 64> k0) noexcept;
    explicit HmacSha256(const HmacSha256Key& key) noexcept;
    HmacSha256(const HmacSha256&) = delete;
    HmacSha256& operator=(const HmacSha256&) = delete;
    ~HmacSha256();
    void update(std::string_view text) noexcept { inner_.update(text); }
    void finish(std::span<std::uint8_t, kSize> out) noexcept;

  private:
    friend class HmacSha256Key;

    Sha256 inner_;
    Sha256 outer_;
};

/// What every HMAC under one key begins with: two blocks hashed already. **Threads**: any number
/// may begin from it. Wiped when it dies.
class HmacSha256Key {
  public:
    explicit HmacSha256Key(std::span<const std::uint8_t, 64> k0) noexcept : begun_(k0) {}

  private:
    friend class HmacSha256;

    HmacSha256 begun_;
};

}  // namespace kwikgate::auth
