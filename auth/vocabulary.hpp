#pragma once

#include <cstdint>
#include <string_view>

#include "store/types.hpp"

/// The words of the product. Each enumerator is spelled as it stands in logs, metrics and manuals.
namespace kwikgate::auth {

using store::Environment;
using store::IpAddress;
using store::Scheme;
using store::SectionId;
using store::SectionSet;
using store::Timestamp;
using store::TokenNumber;
using store::TokenStatus;

/// What a route does to the section: the route says so, the method is only the default.
enum class Access : std::uint8_t { read, write };

/// Where in the life of a request something was decided, in order.
enum class Phase : std::uint8_t {
    framing,
    address_limit,
    route,
    authenticate,
    replay,
    status,
    address,
    environment,
    section,
    permission,
    rate_limit,
    body,
    nonce,
    upstream,
    deliver,
};

/// Schemes a route accepts, as a bit set over `Scheme`.
class SchemeSet {
  public:
    constexpr SchemeSet() = default;
    constexpr void add(Scheme scheme) { bits_ |= bit(scheme); }
    constexpr bool contains(Scheme scheme) const { return (bits_ & bit(scheme)) != 0; }
    constexpr bool empty() const { return bits_ == 0; }
    friend constexpr bool operator==(SchemeSet, SchemeSet) = default;

  private:
    static constexpr std::uint8_t bit(Scheme scheme) {
        return static_cast<std::uint8_t>(1U << static_cast<unsigned>(scheme));
    }
    std::uint8_t bits_ = 0;
};

/// "live", "read-write" spellings and so on: the tokens used on every surface.
std::string_view to_token(TokenStatus status);
std::string_view to_token(Environment environment);
std::string_view to_token(Scheme scheme);
std::string_view to_token(Access access);
std::string_view to_token(Phase phase);

}  // namespace kwikgate::auth
