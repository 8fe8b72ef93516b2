#pragma once

#include "store/types.hpp"

namespace kwikgate::gateway {

/// How the pipeline asks whether a token holds its share of an upstream already: the connections
/// are the worker's. Only a look: the share counts once more when the connection is taken.
class UpstreamShares {
  public:
    virtual bool is_used_up(int upstream, store::TokenNumber token) const = 0;

  protected:
    ~UpstreamShares() = default;
};

}  // namespace kwikgate::gateway
