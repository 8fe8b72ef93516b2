#include <openssl/err.h>
#include <openssl/pemerr.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509err.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>
#include <algorithm>
#include <ctime>
#include <system_error>

#include "auth/ascii.hpp"
#include "gateway/config/config.hpp"
#include "gateway/net/tls.hpp"
#include "gateway/telemetry/log.hpp"

namespace kwikgate::gateway::net {
namespace {

namespace fs = std::filesystem;

constexpr const char* kCiphers12 =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"
    "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";
constexpr unsigned char kAlpn[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
constexpr unsigned char kSessionContext[] = {'k', 'w', 'i', 'k', 'g', 'a', 't', 'e'};

/// What OpenSSL complained of first, without file names or addresses of its own: what it adds to
/// that says where in the library it was.
std::string first_reason() {
    const unsigned long code = ERR_peek_error();
    ERR_clear_error();
    if (ERR_SYSTEM_ERROR(code)) return std::system_category().message(ERR_GET_REASON(code));
    if (ERR_GET_LIB(code) == ERR_LIB_PEM && ERR_GET_REASON(code) == PEM_R_NO_START_LINE)
        return "nothing of that kind is in it (PEM)";
    const char* reason = ERR_reason_error_string(code);
    return reason == nullptr ? "unknown error" : reason;
}

/// Nobody is there to type a pass phrase: OpenSSL's own question would hold up a start for ever,
/// and a reload of a gateway that has a terminal. `was_asked` is a bool, or null.
int refuse_pass_phrase(char*, int, int, void* was_asked) {
    if (was_asked != nullptr) *static_cast<bool*>(was_asked) = true;
    return -1;
}

void set_common(SSL_CTX* context, TlsVersion least) {
    SSL_CTX_set_default_passwd_cb(context, refuse_pass_phrase);
    SSL_CTX_set_min_proto_version(context,
                                  least == TlsVersion::tls_1_3 ? TLS1_3_VERSION : TLS1_2_VERSION);
    SSL_CTX_set_cipher_list(context, kCiphers12);
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                     SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
    SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                  SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_read_ahead(context, 1);
}

/// A key may stand with its certificate, or beside it under the names that tools give it.
fs::path find_key_file(const fs::path& certificate) {
    fs::path beside = certificate;
    beside.replace_extension(".key");
    if (fs::exists(beside)) return beside;
    if (certificate.filename() == "fullchain.pem") {
        beside = certificate.parent_path() / "privkey.pem";
        if (fs::exists(beside)) return beside;
    }
    return certificate;
}

/// Why a file was not taken: `was_asked` says that a pass phrase would have been needed.
std::string why_refused(bool was_asked) {
    const std::string reason = first_reason();
    return was_asked
               ? "it is encrypted; store it without a pass phrase, readable by the gateway only"
               : reason;
}

std::string use_certificate_and_key(SSL_CTX* context, const fs::path& file, const bool& was_asked) {
    if (SSL_CTX_use_certificate_chain_file(context, file.c_str()) != 1)
        return "certificate " + file.string() + ": " + why_refused(was_asked);
    const fs::path key_file = find_key_file(file);
    struct stat status {};
    if (::stat(key_file.c_str(), &status) == 0 && (status.st_mode & S_IROTH) != 0)
        return "private key " + key_file.string() +
               " can be read by every user; take that right away";
    if (SSL_CTX_use_PrivateKey_file(context, key_file.c_str(), SSL_FILETYPE_PEM) != 1) {
        if (ERR_GET_REASON(ERR_peek_last_error()) != X509_R_KEY_VALUES_MISMATCH)
            return "private key " + key_file.string() + ": " + why_refused(was_asked);
        ERR_clear_error();
        return "private key " + key_file.string() + " does not belong to certificate " +
               file.string();
    }
    const X509* certificate = SSL_CTX_get0_certificate(context);
    if (X509_cmp_current_time(X509_get0_notAfter(certificate)) < 0)
        log_warn("certificate " + file.string() + " has expired");
    return {};
}

std::string use_certificate(SSL_CTX* context, const fs::path& file) {
    bool was_asked = false;
    SSL_CTX_set_default_passwd_cb_userdata(context, &was_asked);
    std::string error = use_certificate_and_key(context, file, was_asked);
    SSL_CTX_set_default_passwd_cb_userdata(context, nullptr);
    return error;
}

std::uint64_t expiry_of(const X509* certificate) {
    std::tm time{};
    if (ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &time) != 1) return 0;
    return static_cast<std::uint64_t>(std::max<std::time_t>(0, ::timegm(&time)));
}

std::vector<std::string> names_of(const X509* certificate) {
    std::vector<std::string> names;
    auto* list = static_cast<GENERAL_NAMES*>(
        X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr));
    for (int i = 0; i < sk_GENERAL_NAME_num(list); ++i) {
        const GENERAL_NAME* name = sk_GENERAL_NAME_value(list, i);
        if (name->type != GEN_DNS) continue;
        const auto* data = reinterpret_cast<const char*>(ASN1_STRING_get0_data(name->d.dNSName));
        names.push_back(auth::lower_case(
            {data, static_cast<std::size_t>(ASN1_STRING_length(name->d.dNSName))}));
    }
    GENERAL_NAMES_free(list);
    return names;
}

int choose_protocol(SSL*, const unsigned char** out, unsigned char* out_size,
                    const unsigned char* offered, unsigned int offered_size, void*) {
    for (unsigned int i = 0; i + 1 < offered_size; i += offered[i] + 1U) {
        const std::string_view name(reinterpret_cast<const char*>(offered + i + 1),
                                    std::min<std::size_t>(offered[i], offered_size - i - 1));
        if (name != "http/1.1") continue;
        *out = offered + i + 1;
        *out_size = offered[i];
        return SSL_TLSEXT_ERR_OK;
    }
    return SSL_TLSEXT_ERR_ALERT_FATAL;  // RFC 7301, 3.2: there is nothing else to speak.
}

int choose_certificate(SSL* ssl, int*, void* tls) {
    const char* name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
    if (name == nullptr) return SSL_TLSEXT_ERR_NOACK;
    SSL_set_SSL_CTX(ssl, static_cast<const ServerTls*>(tls)->find(name));
    return SSL_TLSEXT_ERR_OK;
}

int keep_ticket(SSL*, void*) {
    return 1;
}

/// A ticket brings the client's certificate along, and OpenSSL does not look at it again. One that
/// has expired since gets a whole handshake, which refuses it as it would anybody.
SSL_TICKET_RETURN judge_ticket(SSL*, SSL_SESSION* session, const unsigned char*, std::size_t,
                               SSL_TICKET_STATUS status, void*) {
    const bool is_open = status == SSL_TICKET_SUCCESS || status == SSL_TICKET_SUCCESS_RENEW;
    if (!is_open) return SSL_TICKET_RETURN_IGNORE_RENEW;
    const X509* peer = SSL_SESSION_get0_peer(session);
    if (peer != nullptr && X509_cmp_current_time(X509_get0_notAfter(peer)) <= 0)
        return SSL_TICKET_RETURN_IGNORE_RENEW;
    return status == SSL_TICKET_SUCCESS ? SSL_TICKET_RETURN_USE : SSL_TICKET_RETURN_USE_RENEW;
}

std::string ask_for_client_certificates(SSL_CTX* context, const ListenerTlsConfig& config) {
    if (config.client_certificates == ClientCertificates::none) return {};
    const char* file = config.client_ca_file.c_str();
    // In this order: the second would ask on the terminal how to open an encrypted certificate, at
    // which the first fails.
    STACK_OF(X509_NAME)* names =
        SSL_CTX_load_verify_file(context, file) == 1 ? SSL_load_client_CA_file(file) : nullptr;
    if (names == nullptr) {
        return "client_ca_file " + config.client_ca_file.string() + ": " + first_reason();
    }
    SSL_CTX_set_client_CA_list(context, names);
    SSL_CTX_set_session_ticket_cb(context, keep_ticket, judge_ticket, nullptr);
    const bool is_required = config.client_certificates == ClientCertificates::required;
    SSL_CTX_set_verify(
        context, SSL_VERIFY_PEER | (is_required ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0), nullptr);
    return {};
}

}  // namespace

void SslContextDelete::operator()(ssl_ctx_st* context) const noexcept {
    SSL_CTX_free(context);
}

std::shared_ptr<const ServerTls> ServerTls::load(const ListenerTlsConfig& config,
                                                 std::string& error) {
    auto tls = std::make_shared<ServerTls>();
    for (const fs::path& file : config.certificates) {
        ServerCertificate certificate{SslContext(SSL_CTX_new(TLS_server_method())), {}};
        SSL_CTX* context = certificate.context.get();
        if (context == nullptr) {
            error = "TLS: " + first_reason();
            return nullptr;
        }
        set_common(context, config.min_version);
        SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);  // Tickets only.
        SSL_CTX_set_session_id_context(context, kSessionContext, sizeof kSessionContext);
        SSL_CTX_set_alpn_select_cb(context, choose_protocol, nullptr);
        SSL_CTX_callback_ctrl(context, SSL_CTRL_SET_TLSEXT_SERVERNAME_CB,
                              reinterpret_cast<void (*)()>(choose_certificate));
        SSL_CTX_ctrl(context, SSL_CTRL_SET_TLSEXT_SERVERNAME_ARG, 0, tls.get());
        error = use_certificate(context, file);
        if (error.empty()) error = ask_for_client_certificates(context, config);
        if (!error.empty()) return nullptr;
        certificate.names = names_of(SSL_CTX_get0_certificate(context));
        tls->expires_at_ = std::min(tls->expires_at_, expiry_of(SSL_CTX_get0_certificate(context)));
        tls->certificates_.push_back(std::move(certificate));
    }
    return tls;
}

ssl_ctx_st* ServerTls::find(std::string_view name) const {
    const std::string wanted = auth::lower_case(name);
    const std::size_t dot = wanted.find('.');
    const std::string wildcard = dot == std::string::npos ? "" : "*" + wanted.substr(dot);
    const auto has = [&](const std::string& text) -> ssl_ctx_st* {
        for (const ServerCertificate& certificate : certificates_)
            if (std::find(certificate.names.begin(), certificate.names.end(), text) !=
                certificate.names.end())
                return certificate.context.get();
        return nullptr;
    };
    if (ssl_ctx_st* exact = has(wanted)) return exact;
    if (ssl_ctx_st* by_wildcard = wildcard.empty() ? nullptr : has(wildcard)) return by_wildcard;
    return default_context();
}

std::shared_ptr<const ClientTls> ClientTls::load(const UpstreamTlsConfig& config,
                                                 std::string& error) {
    auto tls = std::make_shared<ClientTls>();
    tls->context_.reset(SSL_CTX_new(TLS_client_method()));
    SSL_CTX* context = tls->context_.get();
    if (context == nullptr) {
        error = "TLS: " + first_reason();
        return nullptr;
    }
    set_common(context, config.min_version);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
    SSL_CTX_set_alpn_protos(context, kAlpn, sizeof kAlpn);
    const bool has_trust = config.ca_file.empty()
                               ? SSL_CTX_set_default_verify_paths(context) == 1
                               : SSL_CTX_load_verify_file(context, config.ca_file.c_str()) == 1;
    if (!has_trust) {
        error = "ca_file " + config.ca_file.string() + ": " + first_reason();
        return nullptr;
    }
    if (!config.certificate_file.empty()) error = use_certificate(context, config.certificate_file);
    if (!error.empty()) return nullptr;
    return tls;
}

}  // namespace kwikgate::gateway::net
