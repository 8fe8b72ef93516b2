#pragma once

#include <simdjson.h>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Where an OpenAPI document says that something is: the servers of its operations, and what a
/// reference names.
namespace kwikgate::gateway::cli {

/// The text that `from` has under `name`, or none.
std::string text_of(const simdjson::dom::object& from, std::string_view name);

/// The path of "https://host/v1", "/v1" or "v1", without a slash at its end.
std::string path_of_url(std::string_view url);

/// The paths of the servers that a document, a path or an operation names, each once, in their
/// order; Swagger's `basePath`. Variables have their defaults.
std::vector<std::string> base_paths(const simdjson::dom::object& of);

/// What "#/components/pathItems/Pets" names. None for what lies in another document, or nowhere.
std::optional<simdjson::dom::object> referenced(const simdjson::dom::object& root,
                                                std::string_view reference);

}  // namespace kwikgate::gateway::cli
