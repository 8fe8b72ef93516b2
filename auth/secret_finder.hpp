#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "auth/master_key.hpp"
#include "auth/secret.hpp"
#include "store/store.hpp"

namespace kwikgate::auth {

/// Finds the secrets of the token that an API_KEY names in text, imported ones too, so that they
/// can be left out of what is written down. **Owns** their K0, wiped when it dies. Takes longer for
/// what comes closer, so it runs where no client waits. Cold path.
class SecretFinder {
  public:
    /// A key that nothing has, and a store that cannot be read, make one that finds nothing.
    SecretFinder(store::Reader& reader, Sealer& sealer, std::string_view api_key);

    /// Empty: there is no such token.
    const std::string& token_id() const { return token_id_; }

    /// The first place of a secret in `text`; empty: there is none. One of up to 64 characters is
    /// found wherever it stands, percent-encoded or not: it is its own K0. A longer one, of which
    /// the store has no more than a hash, is found as a word between white space, quotes or the
    /// delimiters of URLs and fields, if it holds none of them itself.
    std::string_view find_in(std::string_view text) const;

  private:
    void take(const store::SecretRecord& secret, Sealer& sealer);
    bool is_secret(std::string_view word) const;

    std::string token_id_;
    std::vector<HmacKey> keys_;
};

}  // namespace kwikgate::auth
