#include "bench/load/request_source.hpp"

#include <array>
#include <stdexcept>

#include "auth/signature/signer.hpp"
#include "store/clock.hpp"

namespace kwikgate::bench {
namespace {

using std::chrono::duration_cast;
using std::chrono::seconds;

constexpr std::chrono::seconds kPreparedLife{60};

/// The target split as the signature base wants it.
auth::RequestView view_of(const RequestPlan& plan, std::string_view method,
                          std::string_view target) {
    auth::RequestView view;
    view.method = method;
    view.target = target;
    view.scheme = plan.scheme;
    view.authority = plan.authority;
    const std::size_t mark = target.find('?');
    view.path = target.substr(0, mark);
    view.has_query = mark != std::string_view::npos;
    if (view.has_query) view.query = target.substr(mark + 1);
    return view;
}

/// Makes a signature wrong without making it malformed.
void spoil(std::string& signature) {
    char& c = signature[signature.find(':') + 1];
    c = c == 'A' ? 'B' : 'A';
}

}  // namespace

RequestSource::RequestSource(const RequestPlan& plan, std::size_t index, std::size_t count)
    : plan_(plan), mix_(plan.mix), turn_(index), step_(count) {
    const auto now = store::current_time();
    for (std::size_t k = 0; k < kKindCount; ++k) {
        const auto kind = static_cast<Kind>(k);
        if (!mix_.contains(kind) || kind == Kind::replayed) continue;
        rings_[k].resize(plan.precomputed);
        for (Prepared& prepared : rings_[k]) {
            make(kind, now, prepared.head);
            prepared.made_at = now;
        }
    }
}

const Credentials& RequestSource::signer_of(Kind kind) {
    const auto& who = kind == Kind::revoked ? plan_.revoked : plan_.credentials;
    if (who.empty()) throw std::runtime_error("no credentials for " + std::string(to_token(kind)));
    const Credentials& chosen = who[turn_ % who.size()];
    turn_ += step_;
    return chosen;
}

void RequestSource::make(Kind kind, auth::Timestamp now, std::string& head) {
    const bool writes = is_write(kind);
    const std::string_view method = writes ? "POST" : "GET";
    const std::string& target = writes ? plan_.write_target : plan_.read_target;
    head.clear();
    head.append(method).append(" ").append(target).append(" HTTP/1.1\r\nHost: ");
    head.append(plan_.authority).append("\r\nUser-Agent: kwikgate-load\r\nAccept: */*\r\n");
    for (const std::string& field : plan_.extra_fields) head.append(field).append("\r\n");
    if (writes)
        head.append("Content-Type: application/json\r\nContent-Length: ")
            .append(std::to_string(plan_.body.size()))
            .append("\r\n");
    if (kind == Kind::basic_read || kind == Kind::basic_write) {
        head.append("Authorization: ").append(signer_of(kind).basic).append("\r\n");
    } else if (kind != Kind::anonymous) {
        add_signature(kind, signer_of(kind), method, target, now, head);
    }
    head.append("\r\n");
}

void RequestSource::add_signature(Kind kind, const Credentials& who, std::string_view method,
                                  std::string_view target, auth::Timestamp now, std::string& head) {
    auth::RequestView request = view_of(plan_, method, target);
    std::string parameters =
        ";created=" + std::to_string(duration_cast<seconds>(now.time_since_epoch()).count()) +
        ";keyid=\"" + who.api_key + "\"";
    std::string_view components = R"(("@method" "@target-uri"))";
    const std::array digest = {
        auth::FieldLine{"Content-Digest", plan_.content_digest, auth::FieldName::content_digest}};
    if (is_write(kind)) {
        parameters += ";nonce=\"" + auth::make_nonce() + "\"";
        if (!plan_.body.empty()) {
            request.fields = digest;
            components = R"(("@method" "@target-uri" "content-digest"))";
            head.append("Content-Digest: ").append(plan_.content_digest).append("\r\n");
        }
    }
    parameters += ";alg=\"hmac-sha256\";tag=\"kwik\"";
    auto fields = auth::sign_components(request, "kwik", components, parameters, who.hmac_key);
    if (!fields) throw std::runtime_error("these requests cannot be signed: check the target");
    if (kind == Kind::bad) spoil(fields->signature);
    head.append("Signature-Input: ").append(fields->signature_input).append("\r\n");
    head.append("Signature: ").append(fields->signature).append("\r\n");
}

void RequestSource::next(auth::Timestamp now, Request& out) {
    Kind kind = mix_.next();
    // Before the first write was accepted there is nothing to replay: the write comes first.
    if (kind == Kind::replayed && accepted_write_.empty()) kind = Kind::write;
    out.kind = kind;
    out.body = is_write(kind) ? std::string_view(plan_.body) : std::string_view();
    if (kind == Kind::replayed) {
        out.head = accepted_write_;
        return;
    }
    auto& ring = rings_[static_cast<std::size_t>(kind)];
    std::size_t& at = at_[static_cast<std::size_t>(kind)];
    if (ring.empty() || (kind == Kind::write && at == ring.size())) {
        make(kind, now, out.head);
        return;
    }
    Prepared& prepared = ring[at];
    if (now - prepared.made_at > kPreparedLife) {
        make(kind, now, prepared.head);
        prepared.made_at = now;
    }
    out.head = prepared.head;
    ++at;
    if (at == ring.size() && kind != Kind::write) at = 0;
}

void RequestSource::accepted(const Request& request) {
    if (request.kind == Kind::write && mix_.contains(Kind::replayed))
        accepted_write_ = request.head;
}

}  // namespace kwikgate::bench
