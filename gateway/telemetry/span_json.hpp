#pragma once

#include <span>
#include <string>
#include <string_view>

#include "gateway/telemetry/span.hpp"

namespace kwikgate::gateway {

/// The body of an export request: OTLP 1 in its JSON form, attributes by the semantic conventions
/// for HTTP. Of a request's target there is the route's pattern and nothing else.
std::string spans_json(std::span<const SpanRecord> records, std::string_view service_name);

}  // namespace kwikgate::gateway
