#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "auth/master_key.hpp"
#include "auth/request_view.hpp"
#include "auth/vocabulary.hpp"
#include "store/store.hpp"

namespace kwikgate::auth {

/// Finds out what a wrong signature was made over, by trying other messages with the token's own
/// secret. Only for whoever operates the gateway: it tells which keys exist. **Threads**: one.
/// **Cost**: cold path; up to some hundred HMACs.
class SignatureTrial {
  public:
    /// `reader`, `sealer` and what `request` borrows must outlive it. `now`: which secrets count.
    SignatureTrial(store::Reader& reader, Sealer& sealer, const RequestView& request,
                   Timestamp now);
    ~SignatureTrial();
    SignatureTrial(const SignatureTrial&) = delete;
    SignatureTrial& operator=(const SignatureTrial&) = delete;

    /// The API_KEY that the signature names; empty when it cannot be read.
    std::string_view key_id() const;
    /// Empty when no token has that API_KEY, or the store cannot be read.
    std::string_view token_id() const;
    /// True when the signature is right for this base.
    bool fits(std::string_view base) const;
    /// What was signed instead, in words, where one of the usual differences explains it.
    std::optional<std::string> other_message() const;

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace kwikgate::auth
