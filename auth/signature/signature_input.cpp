#include <array>

#include "auth/ascii.hpp"
#include "auth/signature/signature_base.hpp"
#include "auth/text_hash.hpp"

namespace kwikgate::auth {
namespace {

struct DerivedRow {
    std::string_view name;
    ComponentKind kind;
};

constexpr std::array kDerived = {
    DerivedRow{"@method", ComponentKind::method},
    DerivedRow{"@target-uri", ComponentKind::target_uri},
    DerivedRow{"@authority", ComponentKind::authority},
    DerivedRow{"@scheme", ComponentKind::scheme},
    DerivedRow{"@request-target", ComponentKind::request_target},
    DerivedRow{"@path", ComponentKind::path},
    DerivedRow{"@query", ComponentKind::query},
    DerivedRow{"@query-param", ComponentKind::query_param},
};

/// A field name in lower case, as components must spell it.
bool is_lower_field_name(std::string_view name) {
    if (name.empty()) return false;
    for (const char c : name) {
        const bool is_token = is_lower(c) || is_digit(c) ||
                              std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
        if (!is_token) return false;
    }
    return true;
}

InputFault identify(std::string_view name, Component& out) {
    out.name = name;
    out.known = FieldName::other;
    if (name.starts_with('@')) {
        for (const DerivedRow& row : kDerived) {
            if (row.name != name) continue;
            out.kind = row.kind;
            return InputFault::none;
        }
        return InputFault::unknown_component;
    }
    out.kind = ComponentKind::field;
    if (!is_lower_field_name(name)) return InputFault::bad_component_name;
    out.known = field_name(name);
    return InputFault::none;
}

bool is_true(const BareItem& item) {
    return item.type == ItemType::boolean && item.number == 1;
}

InputFault take_component_parameter(const FieldParameter& parameter, Component& out) {
    const BareItem& value = parameter.value;
    if (parameter.key == "tr") return InputFault::trailer_component;
    if (parameter.key == "req") return InputFault::request_component;
    if (out.kind == ComponentKind::query_param) {
        if (parameter.key != "name" || value.type != ItemType::string ||
            out.param.data() != nullptr)
            return InputFault::bad_parameter;
        out.param = value.raw;
        return InputFault::none;
    }
    if (out.kind != ComponentKind::field) return InputFault::bad_parameter;
    if (parameter.key == "sf" && is_true(value) && !out.is_sf) {
        out.is_sf = true;
    } else if (parameter.key == "bs" && is_true(value) && !out.is_bs) {
        out.is_bs = true;
    } else if (parameter.key == "key" && value.type == ItemType::string && !out.has_key) {
        out.has_key = true;
        out.key = value.raw;
    } else {
        return InputFault::bad_parameter;
    }
    return InputFault::none;
}

/// Order of parameters does not make two components different.
bool same_component(const Component& a, const Component& b) {
    return a.kind == b.kind && a.is_sf == b.is_sf && a.is_bs == b.is_bs && a.has_key == b.has_key &&
           a.name == b.name && a.key == b.key && a.param == b.param;
}

/// The same for two components that are the same.
std::uint64_t component_hash(const Component& component) {
    const auto flags = static_cast<std::uint64_t>(component.kind) << 3U |
                       (component.is_sf ? 1U : 0U) | (component.is_bs ? 2U : 0U) |
                       (component.has_key ? 4U : 0U);
    std::uint64_t hash = mix_hash(text_hash(component.name), flags);
    if (component.has_key) hash = mix_hash(hash, text_hash(component.key));
    if (!component.param.empty()) hash = mix_hash(hash, text_hash(component.param));
    return hash;
}

class InputReader {
  public:
    InputReader(FieldParser& parser, SignatureInput& out) : parser_(parser), out_(out) {}

    bool components() {
        if (!parser_.open_list()) return false;
        BareItem item;
        while (parser_.next_in_list(item)) {
            if (item.type != ItemType::string) return false;
            if (out_.component_count == kMaxComponents)
                return exceed(InputFault::too_many_components);
            Component& component = out_.components[out_.component_count];
            reset(component);
            note(identify(item.raw, component), item.raw);
            if (!component_parameters(component)) return false;
            check_repetition(component);
            ++out_.component_count;
        }
        return !parser_.failed();
    }

    bool signature_parameters() {
        FieldParameter parameter;
        while (parser_.next_parameter(parameter)) {
            if (out_.parameter_count == kMaxSignatureParameters)
                return exceed(InputFault::too_many_parameters);
            out_.parameters[out_.parameter_count++] = parameter;
            note(take(parameter), parameter.key);
        }
        return !parser_.failed();
    }

  private:
    static void reset(Component& component) {
        component.is_sf = component.is_bs = component.has_key = false;
        component.key = component.param = {};
        component.parameter_count = 0;
    }

    /// A limit outranks the faults before it: the member is not read to its end.
    bool exceed(InputFault limit) {
        out_.fault = limit;
        return false;
    }

    /// Keeps the first fault.
    void note(InputFault fault, std::string_view name) {
        if (fault == InputFault::none || out_.fault != InputFault::none) return;
        out_.fault = fault;
        out_.at_fault = name;
    }

    bool component_parameters(Component& component) {
        FieldParameter parameter;
        while (parser_.next_parameter(parameter)) {
            if (component.parameter_count == kMaxComponentParameters)
                return exceed(InputFault::too_many_parameters);
            component.parameters[component.parameter_count++] = parameter;
            note(take_component_parameter(parameter, component), component.name);
        }
        // bs wraps the raw lines, sf and key read them as structure: RFC 9421, 2.1 excludes both at
        // once.
        if (component.is_bs && (component.is_sf || component.has_key))
            note(InputFault::bad_parameter, component.name);
        if (component.kind == ComponentKind::query_param && component.param.data() == nullptr)
            note(InputFault::bad_parameter, component.name);
        return !parser_.failed();
    }

    void check_repetition(const Component& component) {
        const std::uint64_t hash = component_hash(component);
        for (std::size_t i = 0; i < out_.component_count; ++i)
            if (hashes_[i] == hash && same_component(out_.components[i], component))
                note(InputFault::duplicate_component, component.name);
        hashes_[out_.component_count] = hash;
    }

    InputFault take(const FieldParameter& parameter) {
        const std::string_view key = parameter.key;
        if (key == "created") return take_time(parameter, out_.has_created, out_.created);
        if (key == "keyid") return take_text(parameter, out_.has_key_id, out_.key_id);
        if (key == "nonce") return take_text(parameter, out_.has_nonce, out_.nonce);
        if (key == "expires") return take_time(parameter, out_.has_expires, out_.expires);
        if (key == "alg") return take_text(parameter, out_.has_alg, out_.alg);
        if (key == "tag") return take_text(parameter, out_.has_tag, out_.tag);
        return InputFault::unknown_signature_parameter;
    }
    static InputFault take_time(const FieldParameter& parameter, bool& is_present,
                                std::int64_t& out) {
        if (is_present) return InputFault::repeated_signature_parameter;
        if (parameter.value.type != ItemType::integer)
            return InputFault::mistyped_signature_parameter;
        is_present = true;
        out = parameter.value.number;
        return InputFault::none;
    }
    static InputFault take_text(const FieldParameter& parameter, bool& is_present,
                                std::string_view& out) {
        if (is_present) return InputFault::repeated_signature_parameter;
        if (parameter.value.type != ItemType::string)
            return InputFault::mistyped_signature_parameter;
        is_present = true;
        out = parameter.value.raw;
        return InputFault::none;
    }

    FieldParser& parser_;
    SignatureInput& out_;
    std::array<std::uint64_t, kMaxComponents> hashes_;  // As far as `out_` has components.
};

}  // namespace

bool read_signature_input(FieldParser& parser, SignatureInput& out) {
    out.fault = InputFault::none;
    out.at_fault = {};
    out.component_count = out.parameter_count = 0;
    out.has_created = out.has_expires = out.has_key_id = false;
    out.has_nonce = out.has_alg = out.has_tag = false;
    out.key_id = out.nonce = out.alg = out.tag = {};
    InputReader reader(parser, out);
    if (parser.key(out.label) && parser.equals() && reader.components() &&
        reader.signature_parameters())
        return true;
    const bool is_limit = out.fault == InputFault::too_many_components ||
                          out.fault == InputFault::too_many_parameters;
    if (!is_limit) out.fault = InputFault::malformed;
    return false;
}

}  // namespace kwikgate::auth
