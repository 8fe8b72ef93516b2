#include "auth/signature/signature_base.hpp"

#include <array>

#include "auth/ascii.hpp"
#include "auth/authority.hpp"
#include "auth/signature/canonical_field.hpp"
#include "auth/signature/query_param.hpp"
#include "auth/text_hash.hpp"

namespace kwikgate::auth {
namespace {

constexpr std::size_t kMaxLinesOfField = 32;

/// What building one base works with.
class BaseWork {
  public:
    explicit BaseWork(const RequestView& request) : request_(request) {}

    const RequestView& request() const { return request_; }
    /// False once the base takes more than it may.
    bool spend(std::size_t bytes) {
        if (bytes > left_) return false;
        left_ -= bytes;
        return true;
    }
    /// Calls `take` with the value of every line of the field, in order. A fault ends it.
    template <class Take>
    BaseFault each_line(const Component& component, Take take) {
        if (component.known == FieldName::other) return each_line_by_name(component.name, take);
        for (const FieldLine& line : request_.fields) {
            if (line.known != component.known) continue;
            if (const BaseFault fault = take(line.value); fault != BaseFault::none) return fault;
        }
        return BaseFault::none;
    }

  private:
    template <class Take>
    BaseFault each_line_by_name(std::string_view name, Take take) {
        if (request_.fields.size() > kMaxFieldLines) return BaseFault::too_long;
        hash_names();
        const std::uint64_t hash = lower_case_hash(name);
        for (std::size_t i = 0; i < request_.fields.size(); ++i) {
            const FieldLine& line = request_.fields[i];
            if (hashes_[i] != hash || line.known != FieldName::other) continue;
            if (!spend(name.size())) return BaseFault::too_long;
            if (!equal_ignoring_case(line.name, name)) continue;
            if (const BaseFault fault = take(line.value); fault != BaseFault::none) return fault;
        }
        return BaseFault::none;
    }
    /// Once for all components: to hold each of them against each name would be quadratic.
    void hash_names() {
        if (has_hashes_) return;
        has_hashes_ = true;
        for (std::size_t i = 0; i < request_.fields.size(); ++i)
            if (request_.fields[i].known == FieldName::other)
                hashes_[i] = lower_case_hash(request_.fields[i].name);
    }

    const RequestView& request_;
    std::size_t left_ = kMaxBaseWork;
    bool has_hashes_ = false;
    std::array<std::uint64_t, kMaxFieldLines> hashes_;  // Left as they are until they are needed.
};

/// Nothing in a value may look like the start of another line of the base.
bool is_one_line(std::string_view value) {
    for (const char c : value)
        if ((c >= 0 && c < 0x20 && c != '\t') || c == 0x7f) return false;
    return true;
}

/// The values of all lines of a field, in order.
struct FieldValues {
    std::array<std::string_view, kMaxLinesOfField> values;
    std::size_t count = 0;
    std::size_t bytes = 0;
    BaseFault add(std::string_view value) {
        if (count == kMaxLinesOfField) return BaseFault::too_long;
        values[count++] = value;
        bytes += value.size();
        return BaseFault::none;
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

BaseFault write_plain(BaseWork& work, const Component& component, BoundedText& out) {
    bool is_present = false;
    const BaseFault fault = work.each_line(component, [&](std::string_view value) {
        if (!is_one_line(value)) return BaseFault::not_text;
        if (is_present) out.put(", ");
        is_present = true;
        out.put(value);
        return BaseFault::none;
    });
    if (fault != BaseFault::none) return fault;
    return is_present ? BaseFault::none : BaseFault::field_absent;
}

BaseFault write_field(BaseWork& work, const Component& component, BoundedText& out) {
    if (!component.is_sf && !component.is_bs && !component.has_key)
        return write_plain(work, component, out);
    FieldValues values;
    const BaseFault fault =
        work.each_line(component, [&](std::string_view value) { return values.add(value); });
    if (fault != BaseFault::none) return fault;
    if (values.count == 0) return BaseFault::field_absent;
    if (component.is_bs) return write_bytes(values.view(), out);
    if (!work.spend(values.bytes)) return BaseFault::too_long;
    return write_structured(component, values.view(), out);
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

/// Writes the value of a component, without its identifier.
BaseFault write_component_value(BaseWork& work, const Component& component, BoundedText& out) {
    const RequestView& request = work.request();
    const std::size_t begin = out.size();
    switch (component.kind) {
        case ComponentKind::field:
            return write_field(work, component, out);
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
            if (!work.spend(request.query.size())) return BaseFault::too_long;
            return write_query_param(request.query, component.param, out);
    }
    return is_one_line(out.view().substr(begin)) ? BaseFault::none : BaseFault::not_text;
}

}  // namespace

void write_authority(std::string_view authority, std::string_view scheme, BoundedText& out) {
    write_lower(without_default_port(authority, scheme), out);
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
    BaseWork work(request);
    for (std::size_t i = 0; i < input.component_count; ++i) {
        const std::size_t begin = out.size();
        write_component_identifier(input.components[i], out);
        out.put(": ");
        BaseFault fault = write_component_value(work, input.components[i], out);
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
