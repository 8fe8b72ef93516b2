#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "gateway/pipeline/explanation.hpp"
#include "gateway/pipeline/request_context.hpp"

namespace kwikgate::gateway {

/// A saved request that was judged.
struct JudgedRequest {
    const RequestContext& context;
    const Explanation& verdict;  ///< Without its phases.
    std::string_view body;       ///< What was saved of it.
    store::Reader& reader;       ///< For what the verdict leaves out: whose credential it is.
};

/// Every phase in order, with what came of it and why, in words.
std::vector<ExplainedPhase> tell_phases(const JudgedRequest& judged);

/// The client's address; "unknown" where a trusted proxy named none: such a client is in no list.
std::string client_text(const RequestContext& context);

}  // namespace kwikgate::gateway
