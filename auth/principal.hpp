#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>

#include "auth/decision.hpp"
#include "auth/vocabulary.hpp"
#include "store/token_record.hpp"

namespace kwikgate::auth {

/// A short string held in place.
template <std::size_t Capacity>
class InlineString {
  public:
    void assign(std::string_view value) {
        size_ = value.size() < Capacity ? value.size() : Capacity;
        if (size_ != 0) std::memcpy(bytes_.data(), value.data(), size_);
    }
    void clear() { size_ = 0; }
    bool empty() const { return size_ == 0; }
    std::string_view view() const { return {bytes_.data(), size_}; }

  private:
    std::array<char, Capacity> bytes_{};
    std::size_t size_ = 0;
};

/// Who is calling, copied out of the store so that no transaction is held. No allocation, no
/// secret.
struct Principal {
    TokenNumber number{};
    InlineString<store::kTokenIdBytes> id;
    InlineString<store::kMaxAccountBytes> account;
    TokenStatus status = TokenStatus::disabled;
    Environment environment = Environment::live;
    SectionSet readable;
    SectionSet writable;
    std::optional<Timestamp> expires_at;
    std::optional<store::RateLimit> rate;
    std::uint32_t max_concurrent = 0;      ///< Requests under way at once; 0: no cap.
    std::optional<Timestamp> imported_at;  ///< See `store::TokenRecord`.
    bool require_signature = false;
    bool require_form_signature = false;
    bool debug = false;
    bool address_allowed = false;  ///< `allowed_ips` held against the client's address.
    bool origin_allowed = false;   ///< `allowed_origins` held against the Origin field.
    Scheme scheme = Scheme::basic;
    std::uint32_t secret_generation = 0;  ///< Which secret was used; 0 for the public key.

    /// Copies what the decision needs from `view`, evaluating address and origin now.
    void assign(const store::TokenView& view, const IpAddress& client, std::string_view origin);
};

/// What a route asks of the caller.
struct RouteRequirement {
    std::optional<SectionId> section;  ///< None: any live token may call.
    Access access = Access::read;
    SchemeSet schemes;
    std::optional<Environment> environment;  ///< Set: only tokens of this environment.
};

/// status, expiry -> scheme -> address, origin -> environment -> section -> permission, in that
/// order; the first that fails is the decision. Pure: no clock, no store, no allocation.
Decision authorize(const Principal& principal, const RouteRequirement& route, Timestamp now);

}  // namespace kwikgate::auth
