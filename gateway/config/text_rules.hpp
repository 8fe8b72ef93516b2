#pragma once

#include <optional>
#include <string>
#include <string_view>

/// What the strings of a configuration may hold. Each check says what is wrong as a clause ("holds
/// an empty port"), or nothing when the text is right.
namespace kwikgate::gateway {

using TextProblem = std::optional<std::string>;

/// The name of a listener or an upstream: letters, digits, '_', '-' and '.', at most 64.
TextProblem name_problem(std::string_view text);
/// A section's slug: lower-case letters, digits and inner hyphens, at most 64.
TextProblem slug_problem(std::string_view text);
/// "127.0.0.1:8080", "[::1]:8080": where to listen.
TextProblem listen_address_problem(std::string_view text);
/// "api.example.com", "api.example.com:8443", "[2001:db8::1]:8443": a Host field's value.
TextProblem authority_problem(std::string_view text);
/// "http://10.0.0.1:9000", "https://api.example.com:443".
TextProblem server_url_problem(std::string_view text);
/// "https://collector.example.com:4318/v1/traces": a server's URL, a path behind it or not; empty.
TextProblem collector_url_problem(std::string_view text);
/// True for a URL whose host is this machine: "localhost", 127.0.0.0/8 or [::1].
bool is_loopback_url(std::string_view text);
/// The path (and query) that a health check asks for.
TextProblem health_path_problem(std::string_view text);
/// "application/json": without parameters, lower case.
TextProblem media_type_problem(std::string_view text);
/// "idempotency-key": a field name in lower case, as a signature's components spell it.
TextProblem covered_field_problem(std::string_view text);
/// "edge-1": a pseudonym for Via, or nothing.
TextProblem via_problem(std::string_view text);
TextProblem not_empty_problem(std::string_view text);
TextProblem any_text_problem(std::string_view text);

}  // namespace kwikgate::gateway
