#pragma once

#include "gateway/admin/services.hpp"

namespace kwikgate::gateway::admin {

/// The operations on tokens. Each change goes through `auth::TokenService`, as on the command line.
/// **Threads**: the admin listener's.
class TokenApi {
  public:
    TokenApi(Services& services, store::Reader& reader) : services_(services), reader_(reader) {}

    AdminResponse list(const Call& call);
    AdminResponse create(const Call& call);
    AdminResponse read(const Call& call);
    /// By section, for each of the last days.
    AdminResponse usage(const Call& call);
    /// Needs If-Match with the version that was read: two people do not undo each other's changes.
    AdminResponse update(const Call& call);
    AdminResponse enable(const Call& call);
    AdminResponse disable(const Call& call);
    AdminResponse rotate(const Call& call);
    AdminResponse erase(const Call& call);

  private:
    auth::TokenService service(const Call& call);
    /// What the body says of a token; the answer where it is refused.
    std::optional<AdminResponse> read_spec(const Call& call, auth::TokenSpec& spec);
    AdminResponse set_status(const Call& call, auth::TokenStatus status);
    AdminResponse show(std::string_view id);
    AdminResponse issued(const auth::IssuedToken& token, unsigned status);

    Services& services_;
    store::Reader& reader_;
};

}  // namespace kwikgate::gateway::admin
