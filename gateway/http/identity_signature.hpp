#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "auth/signature/sha2.hpp"
#include "gateway/http/message.hpp"

/// X-Kwik-Signature: by it an upstream knows that the identity fields are the gateway's, and are of
/// this very request. docs/configuration.md, "Proof of identity", has the format for those who
/// verify it. **Spec**: ours.
namespace kwikgate::gateway::http {

/// The identity fields of one request, in the order in which they are signed: by name.
class IdentityFields {
  public:
    /// `name` is as it is sent; names are added in the order of their lower-case forms. A value
    /// that is empty, or could not stand in a field, is left out.
    void add(std::string_view name, std::string_view value);
    void append_to(std::string& out) const;

    /// Appends the field X-Kwik-Signature: HMAC-SHA256, hexadecimal, over these lines, each with a
    /// line feed behind it: the version, method, target as it is sent upstream, request id, and
    /// `name: value` of every field here. No part can hold a line feed. **Cost**: no allocation but
    /// while `out` grows.
    void append_signature(const auth::HmacSha256Key& key, const RequestHead& head,
                          std::string_view request_id, std::string& out) const;

  private:
    struct Field {
        std::string_view name;
        std::string_view value;
    };
    static constexpr std::size_t kMaxFields = 8;

    std::array<Field, kMaxFields> fields_;
    std::size_t count_ = 0;
};

inline constexpr std::string_view kIdentityVersion = "kwikgate-identity-1";

}  // namespace kwikgate::gateway::http
