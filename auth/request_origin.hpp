#pragma once

#include <string_view>

#include "auth/request_view.hpp"

namespace kwikgate::auth {

/// The Origin field; empty where there is none, and where there are several: then none counts.
inline std::string_view request_origin(const RequestView& request) {
    const FieldLine* const origin = request.find(FieldName::origin);
    return origin == nullptr || request.count(FieldName::origin) != 1 ? std::string_view()
                                                                      : origin->value;
}

}  // namespace kwikgate::auth
