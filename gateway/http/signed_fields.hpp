#pragma once

#include <span>

#include "auth/request_view.hpp"
#include "auth/signature/signature_base.hpp"

namespace kwikgate::gateway::http {

/// True when every field that a signature covers reaches the upstream as it was signed: none is
/// named by Connection, and none is withheld. Fields that the gateway itself consumes or sets are
/// exempt (`FieldFate::drop` and `credential`; tracestate, Via). **Cost**: one look at each covered
/// field; no allocation.
bool covered_fields_arrive(std::span<const auth::Component> covered,
                           std::span<const auth::FieldLine> fields);

}  // namespace kwikgate::gateway::http
