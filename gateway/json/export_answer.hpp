#pragma once

#include <cstdint>
#include <string_view>

namespace kwikgate::gateway {

/// How many spans a collector says that it did not take, in the body of an answer that is a success
/// otherwise (OTLP, "Partial Success"); 0 for whatever is not such an answer.
std::uint64_t rejected_spans(std::string_view body);

}  // namespace kwikgate::gateway
