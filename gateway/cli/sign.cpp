#include <filesystem>
#include <memory>
#include <optional>

#include "auth/ascii.hpp"
#include "auth/credential.hpp"
#include "auth/json_text.hpp"
#include "auth/signature/signer.hpp"
#include "auth/time_text.hpp"
#include "gateway/cli/curl_text.hpp"
#include "gateway/cli/input.hpp"
#include "gateway/cli/time_text.hpp"
#include "gateway/config/route_pattern.hpp"
#include "gateway/http/field_scanner.hpp"
#include "gateway/http/target.hpp"
#include "gateway/pipeline/base_difference.hpp"
#include "store/clock.hpp"

namespace kwikgate::gateway::cli {
namespace {

constexpr std::size_t kMaxBodyBytes = std::size_t{256} << 20U;
/// A shell takes no longer word (Linux: 128 KiB an argument).
constexpr std::size_t kMaxInlineBytes = 64 * 1024;

struct Flags {
    std::string method;
    std::string url;
    std::string data;
    std::string content_type = "application/json";
    std::string api_key;
    std::string secret_file;
    std::string created;
    std::string nonce;
    std::string expires_in;
    bool as_curl = false;
    bool as_json = false;
};

CliResult<auth::SecretString> read_api_secret(const Flags& flags) {
    auto secret =
        read_secret(flags.secret_file, "KWIKGATE_API_SECRET", "API_SECRET", "--api-secret-file");
    if (secret.has_error()) return secret;
    if (auth::api_secret_form(secret->expose()) == auth::CredentialForm::mistyped)
        return failed("this is not a whole API_SECRET: its checksum does not match");
    return secret;
}

CliResult<std::string> find_api_key(const Flags& flags) {
    const std::string key =
        flags.api_key.empty() ? environment_variable("KWIKGATE_API_KEY") : flags.api_key;
    if (key.empty()) return misused("no API_KEY: name it with --api-key, or set KWIKGATE_API_KEY");
    if (auth::looks_like_api_secret(key))
        return failed("an API_SECRET stands where the API_KEY belongs; rotate it if others saw it");
    if (auth::api_key_form(key) == auth::CredentialForm::mistyped)
        return failed("this is not a whole API_KEY");
    return key;
}

/// What the gateway would answer to the target of the URL; signed or not.
CliResult<void> check_target(const Flags& flags) {
    std::string_view scheme;
    std::string_view authority;
    std::string_view target;
    if (!auth::split_url(flags.url, scheme, authority, target)) return {};  // Told by the signer.
    const std::string whole =
        target.starts_with('/') ? std::string(target) : "/" + std::string(target);
    const auth::Reason reason = http::split_target(whole).reason;
    if (reason == auth::Reason::none) return {};
    return failed("this cannot be signed, the gateway refuses the target with " +
                  std::string(auth::row(reason).token) +
                  ": percent-encode what is data, once; no dot segments, no //, no backslash in "
                  "the path (docs/strictness.md)");
}

/// Turns flags into what the signer takes. The views borrow `flags` and `key`.
CliResult<auth::SigningInput> signing_input(const Flags& flags, const std::string& key) {
    if (const auto problem = method_problem(flags.method))
        return misused("METHOD " + flags.method + " " + *problem);
    auth::SigningInput input;
    input.method = flags.method;
    input.url = flags.url;
    input.api_key = key;
    input.nonce = flags.nonce;
    input.created = store::current_time();
    if (!flags.created.empty()) {
        const auto time = auth::parse_timestamp(flags.created);
        if (!time)
            return misused("--created " + flags.created +
                           ": write an RFC 3339 time, for example 2027-01-31T00:00:00Z");
        input.created = *time;
    }
    if (!flags.expires_in.empty()) {
        const auto life = parse_duration(flags.expires_in);
        if (!life)
            return misused("--expires-in " + flags.expires_in +
                           ": write a duration such as 60s or 5m");
        input.expires = input.created + *life;
    }
    return input;
}

HeaderLines header_lines(const auth::SignedFields& fields) {
    HeaderLines lines;
    if (!fields.content_digest.empty()) lines.emplace_back("Content-Digest", fields.content_digest);
    lines.emplace_back("Signature-Input", fields.signature_input);
    lines.emplace_back("Signature", fields.signature);
    return lines;
}

std::string json_output(const Flags& flags, const HeaderLines& lines, std::string_view base) {
    auth::JsonObject headers;
    for (const auto& [name, value] : lines) headers.text(name, value);
    return auth::JsonObject()
               .text("method", flags.method)
               .text("url", flags.url)
               .raw("headers", headers.to_string())
               .texts("signature_base", base_lines(base))
               .to_string() +
           "\n";
}

CliResult<std::string> curl_output(const Flags& flags, HeaderLines lines,
                                   const std::optional<std::string>& body) {
    CurlRequest request;
    request.method = flags.method;
    request.url = flags.url;
    request.headers = &lines;
    if (body && !http::is_field_value(flags.content_type))
        return misused("--content-type is no header value");
    if (body) lines.insert(lines.begin(), {"Content-Type", flags.content_type});
    if (body && flags.data == "-") {
        if (body->size() > kMaxInlineBytes || body->find('\0') != std::string::npos)
            return failed(
                "a body from standard input becomes part of the command, so it must be text of at "
                "most 64 KiB; save it and name it with --data FILE");
        request.data_text = *body;
    } else if (body) {
        request.data_file = std::filesystem::absolute(flags.data).string();
    }
    return curl_command(request);
}

CliResult<void> sign(Flags flags) {
    // A method is told by its case. Who writes "get" means GET all the same: nobody serves "get".
    if (const std::string upper = auth::upper_case(flags.method); !known_method(upper).empty())
        flags.method = upper;
    if (flags.data == "-" && flags.secret_file == "-")
        return misused("standard input cannot be both the body and the API_SECRET");
    const auto key = find_api_key(flags);
    if (key.has_error()) return key.error();
    if (flags.nonce.empty()) flags.nonce = auth::make_nonce();
    if (flags.nonce.empty()) return failed("no random numbers to be had");
    auto input = signing_input(flags, *key);
    if (input.has_error()) return input.error();
    if (const auto checked = check_target(flags); checked.has_error()) return checked.error();
    const auto secret = read_api_secret(flags);
    if (secret.has_error()) return secret.error();
    std::optional<std::string> body;
    if (!flags.data.empty()) {
        auto read = read_input(flags.data, kMaxBodyBytes);
        if (read.has_error()) return read.error();
        body = std::move(*read);
        input->body = *body;
    }
    const auto fields = auth::sign_request(*input, auth::derive_hmac_key(secret->expose()));
    if (!fields)
        return failed(
            "this cannot be signed: URL must be absolute, http or https, percent-encoded and "
            "without user, nonce and key printable ASCII");
    const HeaderLines lines = header_lines(*fields);
    if (flags.as_json) return print(json_output(flags, lines, fields->base));
    if (flags.as_curl) {
        const auto command = curl_output(flags, lines, body);
        return command.has_error() ? CliResult<void>(command.error()) : print(*command);
    }
    std::string text;
    for (const auto& [name, value] : lines)
        text.append(name).append(": ").append(value).append("\n");
    return print(text);
}

}  // namespace

void add_sign(Command app, Session& session) {
    Command sub = app.add_command("sign", "Print the headers that sign a request");
    const auto flags = std::make_shared<Flags>();
    sub.add_option("method", flags->method, "GET, POST ...").required();
    sub.add_option("url", flags->url, "Absolute URL of the request").required();
    sub.add_option("--data", flags->data, "Body of the request; - is standard input")
        .option_text("FILE");
    sub.add_option("--content-type", flags->content_type,
                   "Content-Type of the body, for --curl (default application/json)")
        .option_text("TYPE");
    sub.add_option("--api-key", flags->api_key, "API_KEY (default: KWIKGATE_API_KEY)")
        .option_text("KEY");
    sub.add_option("--api-secret-file", flags->secret_file,
                   "File with the API_SECRET; - is standard input (default: KWIKGATE_API_SECRET)")
        .option_text("FILE");
    sub.add_option("--created", flags->created, "Time of the signature (default: now)")
        .option_text("TIME");
    sub.add_option("--nonce", flags->nonce, "Nonce (default: a fresh random one)")
        .option_text("NONCE");
    sub.add_option("--expires-in", flags->expires_in,
                   "Let the signature expire after this time, such as 60s")
        .option_text("TIME");
    sub.add_flag("--curl", flags->as_curl, "Print a whole curl command to paste");
    sub.add_flag("--json", flags->as_json, "Print one JSON object, with the signature base")
        .excludes("--curl");
    sub.footer(
        "Pass the headers to curl: kwikgate sign GET URL | curl -H @- URL\n"
        "A command from --curl holds the signature, not the API_SECRET. It works once\n"
        "for a write, and for five minutes.");
    on_run(sub, session, [flags] { return sign(*flags); });
}

}  // namespace kwikgate::gateway::cli
