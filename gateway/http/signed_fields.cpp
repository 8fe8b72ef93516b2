#include "gateway/http/signed_fields.hpp"

#include "gateway/http/header_rules.hpp"
#include "gateway/http/named_by_connection.hpp"

namespace kwikgate::gateway::http {

bool covered_fields_arrive(std::span<const auth::Component> covered,
                           std::span<const auth::FieldLine> fields) {
    const NamedByConnection named(fields);
    for (const auth::Component& component : covered) {
        if (component.kind != auth::ComponentKind::field) continue;
        switch (judge_request_field({component.name, {}, component.known})) {
            case FieldFate::forward:
            case FieldFate::keep:
                if (named.contains(component.name)) return false;
                break;
            case FieldFate::withhold:
                return false;
            case FieldFate::credential:
            case FieldFate::drop:
                break;
        }
    }
    return true;
}

}  // namespace kwikgate::gateway::http
