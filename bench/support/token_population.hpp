#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "auth/master_key.hpp"
#include "store/store.hpp"

namespace kwikgate::bench {

/// A token whose credentials follow from its number alone, so that a store of ten million needs no
/// list of them.
struct SyntheticToken {
    std::string api_key;
    std::string api_secret;
};
SyntheticToken synthetic_token(std::uint64_t number);

/// Adds the tokens [0, count) to `store`: live, read-write on the section `customers`, without a
/// public key, each with a sealed secret of its own, in transactions of 100,000. The seed sections
/// must be registered. Goes through the store alone: no audit entry. Throws std::runtime_error.
/// **Cost**: about 4 us a token.
void add_synthetic_tokens(store::Store& store, auth::Sealer& sealer, std::uint64_t count,
                          const std::function<void(std::uint64_t)>& tell = {});

}  // namespace kwikgate::bench
