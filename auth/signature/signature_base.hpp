#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "auth/request_view.hpp"
#include "auth/signature/structured_field.hpp"

namespace kwikgate::auth {

inline constexpr std::size_t kMaxSignatures = 4;
inline constexpr std::size_t kMaxComponents = 32;
inline constexpr std::size_t kMaxComponentParameters = 4;
inline constexpr std::size_t kMaxSignatureParameters = 8;
/// Bytes that a base may look through beside those it holds: of structured fields for `sf` and
/// `key`, of the query for `@query-param`, of names. Each such component goes through the whole of
/// them, so without a bound the work would be their size times the number of components.
inline constexpr std::size_t kMaxBaseWork = 32 * 1024;
/// Most fields of a request, as `limits.header_fields` has it.
inline constexpr std::size_t kMaxFieldLines = 1000;

/// What a covered component is taken from.
enum class ComponentKind : std::uint8_t {
    field,
    method,
    target_uri,
    authority,
    scheme,
    request_target,
    path,
    query,
    query_param,
};

/// Why a signature input cannot be used at all, whatever the request. `none`: it can.
enum class InputFault : std::uint8_t {
    none,
    malformed,            ///< Not the grammar.
    too_many_components,  ///< More than `kMaxComponents`.
    too_many_parameters,  ///< More than `kMaxSignatureParameters` or `kMaxComponentParameters`.
    unknown_component,    ///< "@…" that is not defined for requests (@status among them).
    bad_component_name,   ///< An upper-case letter or a byte that no field name has.
    trailer_component,    ///< `tr`
    request_component,    ///< `req`
    bad_parameter,        ///< Of a component: unknown, repeated, of the wrong type or combination.
    duplicate_component,  ///< The same component twice.
    unknown_signature_parameter,
    repeated_signature_parameter,
    mistyped_signature_parameter,
};

/// Why the base cannot be built for this request.
enum class BaseFault : std::uint8_t {
    none,
    field_absent,
    member_absent,     ///< `key`: no such member, or not a dictionary.
    not_structured,    ///< `sf` on a field that is not registered as structured, or is not
                       ///< well-formed.
    parameter_absent,  ///< @query-param: no such parameter.
    parameter_repeated,
    not_text,  ///< A control character, or a query parameter that is not UTF-8.
    too_long,  ///< Does not fit the buffer, or takes more work than `kMaxBaseWork`.
};

/// One covered component, checked. **Borrows** the Signature-Input field.
struct Component {
    std::string_view name;
    ComponentKind kind = ComponentKind::field;
    FieldName known = FieldName::other;
    bool is_sf = false;
    bool is_bs = false;
    bool has_key = false;
    std::string_view key;    ///< Of `key`, as written between the quotes.
    std::string_view param;  ///< Of @query-param's `name`, likewise.
    std::array<FieldParameter, kMaxComponentParameters> parameters;  ///< All, in order.
    std::size_t parameter_count = 0;
};

/// One member of Signature-Input. **Borrows** the field. 7 KiB: keep one and read into it again.
struct SignatureInput {
    std::string_view label;
    InputFault fault = InputFault::none;
    /// The component, parameter or label that is at fault; of a field that cannot be read, what
    /// follows the place where reading ended.
    std::string_view at_fault;
    std::array<Component, kMaxComponents> components;
    std::size_t component_count = 0;
    std::array<FieldParameter, kMaxSignatureParameters> parameters;  ///< All, in order.
    std::size_t parameter_count = 0;
    bool has_created = false;
    bool has_expires = false;
    bool has_key_id = false;
    bool has_nonce = false;
    bool has_alg = false;
    bool has_tag = false;
    std::int64_t created = 0;  ///< Seconds since the Unix epoch.
    std::int64_t expires = 0;
    std::string_view key_id, nonce, alg, tag;  ///< As written between the quotes.
};

/// Reads the next member of a Signature-Input dictionary at `parser`. False when the text is not
/// the grammar of one or exceeds the limits, with `malformed` or `too_many_…` as its `fault`; a
/// member that is one but must not be used has a `fault` too. **Spec**: RFC 9421, 2.3, 4.1.
bool read_signature_input(FieldParser& parser, SignatureInput& out);

/// Writes `"name";parameters`.
void write_component_identifier(const Component& component, BoundedText& out);
/// The identifier of the component with that number, cut where it is very long; of the number
/// behind the last one: @signature-params. Allocates.
std::string identifier_of(const SignatureInput& input, std::size_t component);
/// Writes `("a" "b");created=…`, the value of @signature-params.
void write_signature_params(const SignatureInput& input, BoundedText& out);

/// Writes the signature base. On a fault tells the component in `faulty`, and `out` holds the lines
/// before it. **Cost**: linear: one pass over what is covered, and at most `kMaxBaseWork`; no
/// allocation. **Spec**: RFC 9421, 2.1, 2.2, 2.5.
BaseFault write_signature_base(const RequestView& request, const SignatureInput& input,
                               BoundedText& out, std::size_t& faulty);

/// Host and port as signed: lower case, without the default port of `scheme`.
void write_authority(std::string_view authority, std::string_view scheme, BoundedText& out);

}  // namespace kwikgate::auth
