#include "auth/signature/signature_trial.hpp"

#include <array>
#include <utility>
#include <vector>

#include "auth/ascii.hpp"
#include "auth/secret.hpp"
#include "auth/secret_match.hpp"
#include "auth/signature/coverage.hpp"
#include "auth/signature/sha2.hpp"
#include "auth/signature/signature_scheme.hpp"

namespace kwikgate::auth {
namespace {

/// A value of the request that the client may have had in another form, and what to call it.
struct Variant {
    std::string words;  ///< Empty: the value as received.
    std::string value;
};
using Variants = std::vector<Variant>;

std::string in_quotes(std::string_view text) {
    return "\"" + std::string(text.substr(0, 200)) + "\"";
}

void add(Variants& out, std::string_view what, std::string value) {
    for (const Variant& known : out)
        if (known.value == value) return;
    out.push_back({std::string(what) + " " + in_quotes(value), std::move(value)});
}

/// "%41" as "A", once.
std::string unescaped(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const int byte =
            text[i] == '%' && text.size() - i > 2 ? hex_pair(text[i + 1], text[i + 2]) : -1;
        out += byte < 0 ? text[i] : static_cast<char>(byte);
        if (byte >= 0) i += 2;
    }
    return out;
}

/// As a library does that takes its input for text and not for a URL: "%" and all but unreserved
/// characters and separators.
std::string escaped_again(std::string_view text) {
    constexpr std::string_view kKept = "-._~/:@!$&'()*+,;=?";
    std::string out;
    for (const char c : text) {
        if (is_alphanumeric(c) || kKept.find(c) != std::string_view::npos) {
            out += c;
            continue;
        }
        const auto byte = static_cast<unsigned char>(c);
        out += '%';
        out += kUpperHex[byte >> 4U];
        out += kUpperHex[byte & 15U];
    }
    return out;
}

std::string replaced(std::string text, std::string_view what, std::string_view with) {
    for (std::size_t at = text.find(what); at != std::string::npos;
         at = text.find(what, at + with.size()))
        text.replace(at, what.size(), with);
    return text;
}

Variants methods_of(const RequestView& request) {
    Variants out{{"", std::string(request.method)}};
    add(out, "the method", lower_case(request.method));
    add(out, "the method", upper_case(request.method));
    for (const std::string_view method : {"GET", "POST"})
        add(out, "the method", std::string(method));
    return out;
}

Variants schemes_of(const RequestView& request) {
    Variants out{{"", std::string(request.scheme)}};
    add(out, "the scheme", request.scheme == "https" ? "http" : "https");
    return out;
}

Variants authorities_of(const RequestView& request) {
    Variants out{{"", std::string(request.authority)}};
    const std::size_t bracket = request.authority.rfind(']');
    const std::size_t colon =
        request.authority.find(':', bracket == std::string_view::npos ? 0 : bracket);
    const std::string host(request.authority.substr(0, colon));
    add(out, "the authority", host);
    for (const std::string_view port : {":443", ":80", ":8080", ":8443"})
        add(out, "the authority", host + std::string(port));
    if (host.ends_with('.')) add(out, "the authority", host.substr(0, host.size() - 1));
    for (const FieldLine& line : request.fields)
        if (line.known == FieldName::x_forwarded_host || line.known == FieldName::host)
            add(out, "the authority", std::string(line.value.substr(0, line.value.find(','))));
    return out;
}

Variants targets_of(const RequestView& request) {
    const std::string target(request.target);
    const std::string path(request.path);
    const std::string query = request.has_query ? "?" + std::string(request.query) : "";
    Variants out{{"", path + query}};
    add(out, "the target", target);
    add(out, "the target", path);
    add(out, "the target", path + "?");
    add(out, "the target",
        path.ends_with('/') ? path.substr(0, path.size() - 1) + query : path + "/" + query);
    add(out, "the target", unescaped(path + query));
    add(out, "the target", escaped_again(path + query));
    add(out, "the target", path + replaced(query, "+", "%20"));
    add(out, "the target", path + replaced(query, "%20", "+"));
    add(out, "the target", path + replaced(query, "%2C", ","));
    add(out, "the target", path + replaced(query, ",", "%2C"));
    return out;
}

void set_target(RequestView& view, std::string_view target) {
    view.target = target;
    const std::size_t mark = target.find('?');
    view.path = target.substr(0, mark);
    view.has_query = mark != std::string_view::npos;
    view.query = view.has_query ? target.substr(mark + 1) : std::string_view();
}

}  // namespace

struct SignatureTrial::State {
    State(store::Reader& reader_of_store, Sealer& sealer_of_store, const RequestView& received,
          Timestamp at)
        : reader(reader_of_store), sealer(sealer_of_store), request(received), now(at) {
        if (select_signature(request, input, signature) != SignatureFault::none) return;
        std::array<char, store::kMaxCredentialBytes> decoded;
        BoundedText text(decoded);
        if (!decode_text(BareItem{ItemType::string, 0, input.key_id}, text)) return;
        key_id = text.view();
        find_keys();
    }

    void find_keys() {
        const auto snapshot = reader.snapshot();
        if (!snapshot || key_id.empty()) return;
        const auto token = snapshot->token_by_key(key_id);
        if (!token || !*token) return;
        token_id = (*token)->id;
        std::uint32_t generation = 0;
        // Opens the secrets that count, and takes none for right.
        static_cast<void>(match_secret(**token, now, generation, [&](const auto& secret) {
            HmacKey key;
            if (!sealer.open(secret.sealed_key, token_id, key)) return Match::unopened;
            keys.push_back(std::move(key));
            return Match::no;
        }));
    }

    bool fits(std::string_view base) const {
        for (const HmacKey& key : keys) {
            HmacSha256 hmac(key.expose());
            hmac.update(base);
            std::array<std::uint8_t, HmacSha256::kSize> mac;
            hmac.finish(mac);
            if (constant_time_equal(mac, signature)) return true;
        }
        return false;
    }

    std::string base_of(const RequestView& view) {
        BoundedText base(memory);
        std::size_t faulty = 0;
        if (write_signature_base(view, input, base, faulty) != BaseFault::none) return {};
        return std::string(base.view());
    }

    /// The signature's parameters as the client spelled them, where that is not the strict form.
    std::string own_spelling(const std::string& base) const {
        const FieldLine* line = request.find(FieldName::signature_input);
        const std::size_t start = base.rfind("\"@signature-params\": ");
        const std::size_t open = line == nullptr ? std::string_view::npos : line->value.find('(');
        if (start == std::string::npos || open == std::string_view::npos) return base;
        return base.substr(0, start) +
               "\"@signature-params\": " + std::string(line->value.substr(open));
    }

    store::Reader& reader;
    Sealer& sealer;
    RequestView request;
    Timestamp now;
    SignatureInput input;
    std::array<std::uint8_t, kMacBytes> signature{};
    std::array<char, SignatureAuthenticator::kMaxBaseBytes> memory;
    std::string key_id;
    std::string token_id;
    std::vector<HmacKey> keys;
};

SignatureTrial::SignatureTrial(store::Reader& reader, Sealer& sealer, const RequestView& request,
                               Timestamp now)
    : state_(std::make_unique<State>(reader, sealer, request, now)) {}

SignatureTrial::~SignatureTrial() = default;

std::string_view SignatureTrial::key_id() const {
    return state_->key_id;
}

std::string_view SignatureTrial::token_id() const {
    return state_->token_id;
}

bool SignatureTrial::fits(std::string_view base) const {
    return state_->fits(base);
}

std::optional<std::string> SignatureTrial::other_message() const {
    const std::string base = state_->base_of(state_->request);
    const std::pair<std::string, const char*> spellings[] = {
        {base + "\n", "its base ends with a line end"},
        {replaced(base, "\n", "\r\n"), "the lines of its base end in CR LF"},
        {base.substr(0, base.rfind('\n')), "its base lacks the line @signature-params"},
        {state_->own_spelling(base),
         "the parameters of the signature as they were sent, not in "
         "the strict form of RFC 9651"},
    };
    for (const auto& [text, words] : spellings)
        if (text != base && state_->fits(text)) return words;
    RequestView view = state_->request;
    const Variants targets = targets_of(view);
    const Variants authorities = authorities_of(view);
    const Variants schemes = schemes_of(view);
    for (const Variant& method : methods_of(view)) {
        for (const Variant& target : targets) {
            for (const Variant& authority : authorities) {
                for (const Variant& scheme : schemes) {
                    view.method = method.value;
                    set_target(view, target.value);
                    view.authority = authority.value;
                    view.scheme = scheme.value;
                    if (!state_->fits(state_->base_of(view))) continue;
                    std::string words;
                    for (const Variant* part : {&method, &target, &authority, &scheme})
                        if (!part->words.empty())
                            words += (words.empty() ? "" : ", ") + part->words;
                    return words;
                }
            }
        }
    }
    return std::nullopt;
}

}  // namespace kwikgate::auth
