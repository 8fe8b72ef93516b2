#include "gateway/telemetry/redaction.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "auth/ascii.hpp"
#include "auth/credential.hpp"
#include "auth/request_view.hpp"
#include "auth/secret_finder.hpp"
#include "gateway/http/request_parser.hpp"

namespace kwikgate::gateway {
namespace {

using auth::FieldLine;
using auth::FieldName;

constexpr std::string_view kKeyId = "keyid=\"";
constexpr std::array<std::string_view, 2> kPrefixes = {"kwk_live_", "kwk_test_"};

bool is_credential_char(char c) {
    return auth::is_alphanumeric(c) || c == '_';
}

void replace_all(std::string& text, std::string_view what, std::string_view with) {
    for (std::size_t at = text.find(what); at != std::string::npos;
         at = text.find(what, at + with.size()))
        text.replace(at, what.size(), with);
}

/// Whatever begins like a credential of ours is shortened, whole or mistyped.
void shorten_credentials(std::string& text, std::string_view prefix) {
    for (std::size_t at = text.find(prefix); at != std::string::npos;
         at = text.find(prefix, at + 1)) {
        const auto from = text.begin() + static_cast<std::ptrdiff_t>(at);
        const auto end = std::find_if_not(from, text.end(), is_credential_char);
        const std::string word(from, end);
        text.replace(from, end,
                     auth::looks_like_api_secret(word)
                         ? word.substr(0, auth::kPrefixBytes) + std::string(kRedacted)
                         : auth::partial_credential(word));
    }
}

bool decides_the_verdict(FieldName name) {
    switch (name) {
        case FieldName::content_digest:
        case FieldName::content_length:
        case FieldName::content_type:
        case FieldName::date:
        case FieldName::forwarded:
        case FieldName::host:
        case FieldName::origin:
        case FieldName::signature:
        case FieldName::signature_input:
        case FieldName::transfer_encoding:
        case FieldName::x_forwarded_for:
        case FieldName::x_forwarded_host:
        case FieldName::x_forwarded_proto:
            return true;
        default:
            return false;
    }
}

bool is_credential_field(const FieldLine& line) {
    return line.known == FieldName::authorization || line.known == FieldName::proxy_authorization ||
           auth::equal_ignoring_case(line.name, "cookie");
}

bool is_covered(const http::RequestHead& head, const FieldLine& field) {
    const std::string identifier = "\"" + auth::lower_case(field.name) + "\"";
    return std::any_of(head.fields.begin(), head.fields.end(), [&](const FieldLine& line) {
        return line.known == FieldName::signature_input &&
               line.value.find(identifier) != std::string_view::npos;
    });
}

/// The API_KEYs that the Signature-Input lines name, as written.
std::vector<std::string_view> keys_named(const http::RequestHead& head) {
    std::vector<std::string_view> keys;
    for (const FieldLine& line : head.fields) {
        if (line.known != FieldName::signature_input) continue;
        std::string_view rest = line.value;
        for (std::size_t at = rest.find(kKeyId); at != std::string_view::npos;
             at = rest.find(kKeyId)) {
            rest.remove_prefix(at + kKeyId.size());
            const std::string_view key = rest.substr(0, rest.find('"'));
            if (key.size() >= auth::kMinCredentialBytes) keys.push_back(key);
        }
    }
    return keys;
}

/// Takes out of one text what must not be written down.
class Redaction {
  public:
    Redaction(const auth::SecretFinder& secrets, const std::vector<std::string_view>& keys)
        : secrets_(secrets), keys_(keys) {}

    std::string operator()(std::string_view text) const {
        std::string out;
        for (;;) {
            const std::string_view secret = secrets_.find_in(text);
            if (secret.empty()) break;
            const auto before = static_cast<std::size_t>(secret.data() - text.data());
            out += text.substr(0, before);
            out += kRedacted;
            text.remove_prefix(before + secret.size());
        }
        out += text;
        for (const std::string_view prefix : kPrefixes) shorten_credentials(out, prefix);
        for (const std::string_view key : keys_)
            replace_all(out, key, auth::partial_credential(key));
        return out;
    }

  private:
    const auth::SecretFinder& secrets_;
    const std::vector<std::string_view>& keys_;
};

}  // namespace

RedactedHead redact_head(std::string_view raw, store::Reader& reader, auth::Sealer& sealer) {
    RedactedHead out;
    http::RequestHead head;
    std::size_t resume_at = 0;
    const auto parsed =
        http::parse_request_head(raw, {raw.size(), raw.size(), raw.size()}, resume_at, head);
    if (parsed.status != http::ParseStatus::complete) return out;
    const auto keys = keys_named(head);
    const auth::SecretFinder secrets(reader, sealer,
                                     keys.empty() ? std::string_view() : keys.front());
    const Redaction redact(secrets, keys);
    out.token = secrets.token_id();
    out.text = redact(head.method) + " " + redact(head.target);
    out.text += head.version == http::Version::http_1_1 ? " HTTP/1.1\r\n" : " HTTP/1.0\r\n";
    for (const FieldLine& line : head.fields) {
        const bool is_credential = is_credential_field(line);
        if (!is_credential && !decides_the_verdict(line.known) && !is_covered(head, line)) {
            ++out.left_out;
            continue;
        }
        const bool is_kept = !is_credential && auth::is_printable_ascii(line.value);
        out.left_out += is_kept ? 0U : 1U;
        out.text += redact(line.name) + ": ";
        out.text += is_kept ? redact(line.value) : std::string(kRedacted);
        out.text += "\r\n";
    }
    out.text += "\r\n";
    return out;
}

}  // namespace kwikgate::gateway
