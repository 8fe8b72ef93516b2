#include "gateway/admin/console.hpp"

#include <utility>

#include "gateway/http/accept.hpp"

namespace kwikgate::gateway::admin {
namespace {

/// Everything from here, nothing inline, and no text that turns into markup.
constexpr std::string_view kPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'";

std::string_view content_type_of(std::string_view path) {
    static constexpr std::pair<std::string_view, std::string_view> kTypes[] = {
        {".html", "text/html; charset=utf-8"},
        {".js", "text/javascript; charset=utf-8"},
        {".css", "text/css; charset=utf-8"},
        {".svg", "image/svg+xml"}};
    for (const auto& [suffix, type] : kTypes)
        if (path.ends_with(suffix)) return type;
    return "application/octet-stream";
}

const ConsoleFile* find_file(std::string_view name) {
    for (const ConsoleFile& file : console_files())
        if (file.path == name) return &file;
    return nullptr;
}

AdminResponse response_of(const ConsoleFile& file) {
    AdminResponse response;
    response.content_type = content_type_of(file.path);
    response.body = file.bytes;
    response.set("Cache-Control", file.path.starts_with("/assets/")
                                      ? "public, max-age=31536000, immutable"
                                      : "no-cache");
    response.set("Content-Security-Policy", std::string(kPolicy));
    response.set("Cross-Origin-Opener-Policy", "same-origin");
    return response;
}

}  // namespace

std::optional<AdminResponse> console_response(std::string_view path,
                                              std::string_view accept_encoding) {
    const std::string_view name = path == "/" ? "/index.html" : path;
    if (const ConsoleFile* file = find_file(name)) {
        AdminResponse response = response_of(*file);
        const ConsoleFile* packed = find_file(std::string(name) + ".gz");
        if (packed == nullptr) return response;
        response.set("Vary", "Accept-Encoding");
        if (!http::accepts_coding(accept_encoding, "gzip")) return response;
        response.set("Content-Encoding", "gzip");
        response.body = packed->bytes;
        return response;
    }
    if (path == "/" && console_files().empty())
        return problem(404, "not_found",
                       "This build has no console: it was made without KWIKGATE_CONSOLE.");
    return std::nullopt;
}

}  // namespace kwikgate::gateway::admin
