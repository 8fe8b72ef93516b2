#include "auth/signature/signature_base.hpp"

#include <array>

#include "auth/ascii.hpp"
#include "auth/authority.hpp"
#include "auth/signature/canonical_field.hpp"
#include "auth/signature/query_param.hpp"

namespace kwikgate::auth {
namespace {

constexpr std::size_t kMaxLinesOfField = 32;

bool is_line_of(const FieldLine& line, const Component& component) {
    if (component.known != FieldName::other) return line.known == component.known;
    return line.known == FieldName::other && equal_ignoring_case(line.name, component.name);
}

/// Nothing in a value may look like the start of another line of the base.
bool is_one_line(std::string_view value) {
    for (const char c : value)
        if ((c >= 0 && c < 0x20 && c != '\t') || c == 0x7f) return false;
    return true;
}

/// The values of all lines of a field, in order; false when there are more than fit.
struct FieldValues {
    std::array<std::string_view, kMaxLinesOfField> values;
    std::size_t count = 0;
    bool take(const RequestView& request, const Component& component) {
        for (const FieldLine& line : request.fields) {
            if (!is_line_of(line, component)) continue;
            if (count == kMaxLinesOfField) return false;
            values[count++] = line.value;
        }
        return true;
    }
    std::span<const std::string_view> view() const { return {values.data(), count}; }
};

BaseFault write_structured(const Component& component, std::span<const std::string_view> values,
                           BoundedText& out) {
    if (component.has_key)
        return write_dictionary_member(component.key, values, out) ? BaseFault::none
                                                                   : BaseFault::member_absent;
    FieldType type = FieldType::item;
    if (!structured_field_type(component.name, type)) return BaseFault::not_structured;
    return write_canonical_field(type, values, out) ? BaseFault::none : BaseFault::not_structured;
}

BaseFault write_bytes(std::span<const std::string_view> values, BoundedText& out) {
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (i != 0) out.put(", ");
        write_byte_sequence(
            {reinterpret_cast<const std::uint8_t*>(values[i].data()), values[i].size()}, out);
    }
    return BaseFault::none;
}

BaseFault write_field(const RequestView& request, const Component& component, BoundedText& out) {
    if (!component.is_sf && !component.is_bs && !component.has_key) {
        bool is_present = false;
        for (const FieldLine& line : request.fields) {
            if (!is_line_of(line, component)) continue;
            if (!is_one_line(line.value)) return BaseFault::not_text;
            if (is_present) out.put(", ");
            is_present = true;
            out.put(line.value);
        }
        return is_present ? BaseFault::none : BaseFault::field_absent;
    }
    FieldValues values;
    if (!values.take(request, component)) return BaseFault::too_long;
    if (values.count == 0) return BaseFault::field_absent;
    return component.is_bs ? write_bytes(values.view(), out)
                           : write_structured(component, values.view(), out);
}

void write_lower(std::string_view text, BoundedText& out) {
    for (const char c : text) out.put(to_lower(c));
}

BaseFault write_text(std::string_view text, BoundedText& out) {
    if (!is_one_line(text)) return BaseFault::not_text;
    out.put(text);
    return BaseFault::none;
}

void write_path(const RequestView& request, BoundedText& out) {
    if (request.path.empty()) {
        out.put('/');
    } else {
        out.put(request.path);
    }
}

void write_target_uri(const RequestView& request, BoundedText& out) {
    write_lower(request.scheme, out);
    out.put("://");
    write_authority(request.authority, request.scheme, out);
    write_path(request, out);
    if (!request.has_query) return;
    out.put('?');
    out.put(request.query);
}

}  // namespace

void write_authority(std::string_view authority, std::string_view scheme, BoundedText& out) {
    write_lower(without_default_port(authority, scheme), out);
}

BaseFault write_component_value(const RequestView& request, const Component& component,
                                BoundedText& out) {
    const std::size_t begin = out.size();
    switch (component.kind) {
        case ComponentKind::field:
            return write_field(request, component, out);
        case ComponentKind::method:
            return write_text(request.method, out);
        case ComponentKind::target_uri:
            write_target_uri(request, out);
            break;
        case ComponentKind::authority:
            write_authority(request.authority, request.scheme, out);
            break;
        case ComponentKind::scheme:
            write_lower(request.scheme, out);
            break;
        case ComponentKind::request_target:
            return write_text(request.target, out);
        case ComponentKind::path:
            write_path(request, out);
            break;
        case ComponentKind::query:
            out.put('?');
            if (request.has_query) out.put(request.query);
            break;
        case ComponentKind::query_param:
            return write_query_param(request.query, component.param, out);
    }
    return is_one_line(out.view().substr(begin)) ? BaseFault::none : BaseFault::not_text;
}

void write_component_identifier(const Component& component, BoundedText& out) {
    out.put('"');
    out.put(component.name);
    out.put('"');
    for (std::size_t i = 0; i < component.parameter_count; ++i)
        write_parameter(component.parameters[i], out);
}

void write_signature_params(const SignatureInput& input, BoundedText& out) {
    out.put('(');
    for (std::size_t i = 0; i < input.component_count; ++i) {
        if (i != 0) out.put(' ');
        write_component_identifier(input.components[i], out);
    }
    out.put(')');
    for (std::size_t i = 0; i < input.parameter_count; ++i)
        write_parameter(input.parameters[i], out);
}

BaseFault write_signature_base(const RequestView& request, const SignatureInput& input,
                               BoundedText& out, std::size_t& faulty) {
    for (std::size_t i = 0; i < input.component_count; ++i) {
        const std::size_t begin = out.size();
        write_component_identifier(input.components[i], out);
        out.put(": ");
        BaseFault fault = write_component_value(request, input.components[i], out);
        out.put('\n');
        if (fault == BaseFault::none && out.overflowed()) fault = BaseFault::too_long;
        if (fault != BaseFault::none) {
            faulty = i;
            out.truncate(begin);
            return fault;
        }
    }
    out.put("\"@signature-params\": ");
    write_signature_params(input, out);
    faulty = input.component_count;
    return out.overflowed() ? BaseFault::too_long : BaseFault::none;
}

}  // namespace kwikgate::auth
