#include <algorithm>
#include <array>

#include "auth/signature/canonical_field.hpp"

namespace kwikgate::auth {
namespace {

struct FieldRow {
    std::string_view name;
    FieldType type;
};

// Fields defined as structured in the IANA HTTP field name registry that a request can carry,
// sorted.
constexpr std::array kFields = {
    FieldRow{"accept-signature", FieldType::dictionary},
    FieldRow{"cache-status", FieldType::list},
    FieldRow{"capsule-protocol", FieldType::item},
    FieldRow{"cdn-cache-control", FieldType::dictionary},
    FieldRow{"client-cert", FieldType::item},
    FieldRow{"client-cert-chain", FieldType::list},
    FieldRow{"content-digest", FieldType::dictionary},
    FieldRow{"example-dict", FieldType::dictionary},  // The example of RFC 9421 and RFC 9651.
    FieldRow{"example-list", FieldType::list},
    FieldRow{"idempotency-key", FieldType::item},
    FieldRow{"priority", FieldType::dictionary},
    FieldRow{"proxy-status", FieldType::list},
    FieldRow{"repr-digest", FieldType::dictionary},
    FieldRow{"sec-gpc", FieldType::item},
    FieldRow{"signature", FieldType::dictionary},
    FieldRow{"signature-input", FieldType::dictionary},
    FieldRow{"unencoded-digest", FieldType::dictionary},
    FieldRow{"want-content-digest", FieldType::dictionary},
    FieldRow{"want-repr-digest", FieldType::dictionary},
    FieldRow{"want-unencoded-digest", FieldType::dictionary},
};

}  // namespace

bool structured_field_type(std::string_view lower_name, FieldType& out) {
    const auto* const found = std::lower_bound(
        kFields.begin(), kFields.end(), lower_name,
        [](const FieldRow& row, std::string_view name) { return row.name < name; });
    if (found == kFields.end() || found->name != lower_name) return false;
    out = found->type;
    return true;
}

}  // namespace kwikgate::auth
