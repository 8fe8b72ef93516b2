#include "tests/support/preauth_work.hpp"

#include <array>
#include <cstdlib>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "auth/basic/basic_credentials.hpp"
#include "auth/public_key/form_signature.hpp"
#include "auth/request_view.hpp"
#include "auth/signature/content_digest.hpp"
#include "auth/signature/coverage.hpp"
#include "gateway/http/accept.hpp"
#include "gateway/http/request_parser.hpp"

namespace kwikgate::tests {
namespace {

namespace http = gateway::http;
using Work = std::function<unsigned()>;

constexpr http::HeadLimits kWide{std::size_t{1} << 20, std::size_t{1} << 20, auth::kMaxFieldLines};

std::string number(std::size_t value) {
    return std::to_string(value);
}

/// A request whose head is `text`, with all that its view borrows.
struct Request {
    std::string text;
    http::RequestHead head;
    auth::RequestView view;

    explicit Request(const std::string& fields, const std::string& target = "/a")
        : text("GET " + target + " HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n") {
        head.fields.reserve(auth::kMaxFieldLines);
        std::size_t resume_at = 0;
        if (http::parse_request_head(text, kWide, resume_at, head).status !=
            http::ParseStatus::complete)
            std::abort();
        view.method = head.method;
        view.target = head.target;
        view.path = head.path;
        view.query = head.query;
        view.has_query = head.has_query;
        view.authority = head.authority;
        view.scheme = "http";
        view.fields = head.fields;
    }
};

Work parsing(std::string fields) {
    auto request = std::make_shared<Request>(std::move(fields));
    return [request] {
        std::size_t resume_at = 0;
        return static_cast<unsigned>(
            http::parse_request_head(request->text, kWide, resume_at, request->head).status);
    };
}

Work many_fields(std::size_t bytes) {
    std::string fields;
    for (std::size_t i = 0; fields.size() < bytes && i < 990; ++i)
        fields += "X-Field-" + number(i % 10) + ": " + std::string(8, 'v') + "\r\n";
    return parsing(fields);
}

/// Every name is one that folding may change, and none has a twin.
Work odd_names(std::size_t bytes) {
    std::string fields;
    for (std::size_t i = 0; fields.size() < bytes && i < 990; ++i)
        fields += "x_field_" + number(i) + "_" + std::string(40, 'n') + ":\r\n";
    return parsing(fields);
}

Work connection_options(std::size_t bytes) {
    std::string options = "Connection: close";
    while (options.size() < bytes) options += " , " + std::string(bytes / 30, 'o');
    return parsing(options + "\r\n");
}

/// A head that comes byte by byte.
Work crumbs(std::size_t bytes) {
    std::string fields;
    while (fields.size() < bytes) fields += "X-Crumb: " + std::string(200, 'c') + "\r\n";
    auto request = std::make_shared<Request>(fields);
    return [request] {
        std::size_t resume_at = 0;
        unsigned verdict = 0;
        for (std::size_t size = 1; size <= request->text.size(); ++size)
            verdict += static_cast<unsigned>(
                http::parse_request_head(std::string_view(request->text).substr(0, size), kWide,
                                         resume_at, request->head)
                    .status);
        return verdict;
    };
}

/// All that a signature takes before its key is looked for.
Work signing(std::string components, std::string fields, const std::string& target = "/a") {
    const std::string input =
        "s=(\"@method\" \"@target-uri\"" + std::move(components) + ");created=1;keyid=\"k\"";
    struct State {
        Request request;
        auth::SignatureInput input;
        std::array<std::uint8_t, auth::kMacBytes> mac;
        std::array<char, 16384> memory;
    };
    auto state = std::make_shared<State>(
        State{Request("Signature-Input: " + input + "\r\nSignature: s=:" + std::string(43, 'A') +
                          "=:\r\n" + std::move(fields),
                      target),
              {},
              {},
              {}});
    return [state] {
        const auth::RequestView& view = state->request.view;
        auto verdict =
            static_cast<unsigned>(auth::select_signature(view, state->input, state->mac));
        verdict +=
            static_cast<unsigned>(auth::check_coverage(view, state->input, auth::Access::read));
        auth::BoundedText base(state->memory);
        std::size_t faulty = 0;
        return verdict +
               static_cast<unsigned>(auth::write_signature_base(view, state->input, base, faulty));
    };
}

/// Long names that differ at their end, each covered, each there.
Work covered_names(std::size_t bytes) {
    std::string components;
    std::string fields;
    for (std::size_t i = 0; i < 30; ++i) {
        const std::string name = std::string(bytes / 60 - 6, 'n') + number(10 + i);
        components += " \"" + name + "\"";
        fields += name + ":\r\n";
    }
    return signing(components, fields);
}

/// One field in many lines, covered once for each of many members.
Work covered_members(std::size_t bytes) {
    std::string components;
    std::string member = "m0=1";
    for (std::size_t i = 0; i < 30; ++i) {
        components += " \"d\";key=\"m" + number(i) + "\"";
        if (i > 0) member += ",m" + number(i) + "=1";
    }
    while (member.size() < bytes) member += ",x=1";
    return signing(components, "d: " + member + "\r\n");
}

/// Two parameters that stand there many times, and many that differ at their end.
Work canonical_parameters(std::size_t bytes) {
    std::string item = "1";
    const std::size_t size = bytes / 40;
    for (std::size_t i = 0; i < 14; ++i) item += ";" + std::string(size, 'p') + number(10 + i);
    while (item.size() < bytes) item += ";p=1;q=2";
    return signing(" \"idempotency-key\";sf", "idempotency-key: " + item + "\r\n");
}

Work canonical_members(std::size_t bytes) {
    std::string value;
    for (std::size_t i = 0; i < 60; ++i)
        value += (i == 0 ? "" : ",") + std::string(bytes / 62 - 4, 'm') + number(10 + i);
    return signing(" \"example-dict\";sf", "example-dict: " + value + "\r\n");
}

Work covered_query(std::size_t bytes) {
    std::string components;
    std::string query = "/a?m0=1";
    for (std::size_t i = 0; i < 30; ++i) {
        components += " \"@query-param\";name=\"m" + number(i) + "\"";
        if (i > 0) query += "&m" + number(i) + "=1";
    }
    while (query.size() < bytes) query += "&%6d=";
    return signing(components, {}, query);
}

Work digest_lines(std::size_t bytes) {
    std::string value = "a=:AAAA:";
    while (value.size() < bytes) value += ",a=:AAAA:";
    auto request = std::make_shared<Request>("Content-Digest: " + value + "\r\n");
    return [request] {
        auth::DigestSet digests;
        return static_cast<unsigned>(auth::read_content_digest(request->view, digests));
    };
}

Work basic(std::size_t bytes) {
    auto value = std::make_shared<std::string>("Basic " + std::string(bytes / 4 * 4, 'A'));
    return [value] {
        auth::SecretBytes<auth::kMaxBasicBytes> room;
        return auth::parse_basic(*value, room).has_value() ? 1U : 0U;
    };
}

Work accept(std::size_t bytes) {
    auto value = std::make_shared<std::string>("a/b;q=0.1");
    for (std::size_t i = 0; i < 15; ++i)
        *value += ",c/" + std::string(bytes / 30, 'd') + ";" + std::string(bytes / 30 - 8, 'x');
    return [value] { return http::prefers_problem_json(*value) ? 1U : 0U; };
}

/// Reading, sorting, looking for names that stand twice, and the MAC.
Work form(std::string body, bool is_json) {
    auto text = std::make_shared<std::string>(std::move(body));
    auto fields = std::make_shared<auth::FormFields>();
    return [text, fields, is_json] {
        const bool is_read =
            is_json ? auth::read_flat_json(*text, *fields) : auth::read_urlencoded(*text, *fields);
        if (!is_read) return 0U;
        const auth::SortedFields sorted = auth::sort_fields(*fields);
        return 1U + auth::form_mac(*fields, sorted, auth::HmacKey{})[0];
    };
}

/// As many names as there may be, alike up to their end.
Work form_names(std::size_t bytes) {
    std::string body;
    for (std::size_t i = 0; i < 127; ++i)
        body += std::string(bytes / 127 - 5, 'n') + number(100 + i) + "=&";
    return form(body, false);
}

Work form_escapes(std::size_t bytes) {
    std::string body = "{\"a\":\"";
    while (body.size() < bytes) body += "\\u00e9";
    return form(body + "\"}", true);
}

constexpr std::size_t kHead = 15 * 1024;
constexpr std::size_t kBody = 64 * 1024;

constexpr std::array kWorks{
    PreauthWork{"preauth_many_fields", kHead, many_fields},
    PreauthWork{"preauth_odd_names", kHead, odd_names},
    PreauthWork{"preauth_connection_options", kHead, connection_options},
    PreauthWork{"preauth_crumbs", kHead, crumbs},
    PreauthWork{"preauth_covered_names", kHead, covered_names},
    PreauthWork{"preauth_covered_members", kHead, covered_members},
    PreauthWork{"preauth_canonical_parameters", kHead, canonical_parameters},
    PreauthWork{"preauth_canonical_members", kHead, canonical_members},
    PreauthWork{"preauth_covered_query", 7 * 1024, covered_query},
    PreauthWork{"preauth_digest_lines", kHead, digest_lines},
    PreauthWork{"preauth_basic", 680, basic},
    PreauthWork{"preauth_accept", kHead, accept},
    PreauthWork{"preauth_form_names", kBody, form_names},
    PreauthWork{"preauth_form_escapes", kBody, form_escapes},
};

}  // namespace

std::span<const PreauthWork> preauth_works() {
    return kWorks;
}

}  // namespace kwikgate::tests
