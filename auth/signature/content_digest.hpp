#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "auth/request_view.hpp"
#include "auth/signature/sha2.hpp"

namespace kwikgate::auth {

/// The digests that a `Content-Digest` field states, of the algorithms that count: sha-256,
/// sha-512.
struct DigestSet {
    bool has_sha256 = false;
    bool has_sha512 = false;
    std::array<std::uint8_t, Sha256::kSize> sha256{};
    std::array<std::uint8_t, Sha512::kSize> sha512{};
    bool empty() const { return !has_sha256 && !has_sha512; }
};

enum class DigestFieldState : std::uint8_t {
    absent,      ///< No such field.
    malformed,   ///< Not a dictionary, a value of the wrong type or size, or an algorithm twice.
    none_known,  ///< Only algorithms that do not count (md5, unixsum ...).
    usable,      ///< `DigestSet` holds at least one digest.
};

/// Reads all `Content-Digest` lines of the request, combined. Members with other algorithms are
/// skipped. No allocation. **Spec**: RFC 9530, 2.
DigestFieldState read_content_digest(const RequestView& request, DigestSet& out);

/// Holds a body against the digests that its header promised, piece by piece. **Threads**: one.
/// **Owns** nothing on the heap: 500 bytes in place, reusable by `start`. **Cost**: the hash alone.
class ContentDigest {
  public:
    /// Forgets what went before. `expected` is copied.
    void start(const DigestSet& expected);
    void update(std::span<const std::uint8_t> bytes);
    void update(std::string_view bytes);
    /// True when every digest that was expected is that of the bytes given; false when one differs
    /// or none was expected. Call once per `start`.
    [[nodiscard]] bool finish();
    /// After `finish`: a Content-Digest field with the digests that the body has. Allocates.
    std::string found() const;

  private:
    DigestSet expected_;
    DigestSet found_;
    Sha256 sha256_;
    Sha512 sha512_;
};

/// `sha-256=:…:` of a whole body, as a signer sends it.
std::string content_digest_field(std::string_view body);

}  // namespace kwikgate::auth
