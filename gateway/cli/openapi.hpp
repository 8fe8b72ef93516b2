#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "gateway/cli/command.hpp"

namespace kwikgate::gateway::cli {

/// An operation of an OpenAPI document, as a route would have it.
struct Operation {
    std::string method;  ///< "GET", one of `kRouteMethods`.
    std::string path;  ///< A right pattern: base path and path, its parameters renamed if need be.
    std::string tag;   ///< The first one, or empty.
    std::string id;    ///< operationId, or empty.
};

struct OpenApiDocument {
    std::vector<Operation> operations;  ///< In the order of the document.
    std::vector<std::string> notes;     ///< What was left out or changed, a line each.
    std::string base_path;              ///< Before all paths but those with servers of their own.
};

inline constexpr std::size_t kMaxOpenApiBytes = std::size_t{64} << 20;

/// Reads a Swagger 2.0, OpenAPI 3.0 or 3.1 document in JSON. The base path is that of the first
/// server of an operation, its path or the document, unless `base` is given. A path that is a
/// `$ref` is followed within the document.
CliResult<OpenApiDocument> read_openapi(std::string_view json, const std::string* base);

/// The slug of a section: of the tag, else of the first segment of the path that names something.
std::string section_of(const Operation& operation);

/// The word that makes a call look as if it only read ("search"), or empty. Looks at the last
/// literal segments of a path and at the first word of an operationId.
std::string lookup_word(std::string_view path, std::string_view operation_id);

}  // namespace kwikgate::gateway::cli
