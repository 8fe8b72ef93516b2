#include "gateway/pasted/curl_options.hpp"

#include <array>

namespace kwikgate::gateway {
namespace {

struct Row {
    std::string_view name;
    CurlOption option;
    char letter = '\0';
};

using enum CurlOption;

constexpr auto kWithMeaning = std::to_array<Row>({
    {"request", request, 'X'},
    {"header", header, 'H'},
    {"data", data, 'd'},
    {"data-ascii", data},
    {"data-raw", data_raw},
    {"data-binary", data_binary},
    {"data-urlencode", data_urlencode},
    {"json", json},
    {"url", url},
    {"url-query", url_query},
    {"user", user, 'u'},
    {"oauth2-bearer", bearer},
    {"user-agent", user_agent, 'A'},
    {"referer", referer, 'e'},
    {"cookie", cookie, 'b'},
    {"range", range, 'r'},
    {"form", form, 'F'},
    {"form-string", form},
    {"upload-file", upload, 'T'},
    {"head", head, 'I'},
    {"get", get, 'G'},
    {"compressed", compressed},
    {"path-as-is", path_as_is},
    {"globoff", globoff, 'g'},
    {"request-target", request_target},
    {"next", next, ':'},
    {"config", config, 'K'},
    {"netrc", netrc, 'n'},
    {"netrc-optional", netrc},
    {"digest", other_scheme},
    {"ntlm", other_scheme},
    {"negotiate", other_scheme},
    {"anyauth", other_scheme},
    {"aws-sigv4", other_scheme_argument},
    {"haproxy-protocol", haproxy},
});

constexpr auto kWithoutMeaning = std::to_array<Row>({
    {"silent", ignored, 's'},
    {"show-error", ignored, 'S'},
    {"verbose", ignored, 'v'},
    {"include", ignored, 'i'},
    {"show-headers", ignored},
    {"insecure", ignored, 'k'},
    {"location", ignored, 'L'},
    {"location-trusted", ignored},
    {"fail", ignored, 'f'},
    {"fail-with-body", ignored},
    {"fail-early", ignored},
    {"basic", ignored},
    {"http1.0", ignored, '0'},
    {"http1.1", ignored},
    {"http2", ignored},
    {"http2-prior-knowledge", ignored},
    {"http3", ignored},
    {"ipv4", ignored, '4'},
    {"ipv6", ignored, '6'},
    {"tlsv1", ignored, '1'},
    {"tlsv1.0", ignored},
    {"tlsv1.1", ignored},
    {"tlsv1.2", ignored},
    {"tlsv1.3", ignored},
    {"no-buffer", ignored, 'N'},
    {"progress-bar", ignored, '#'},
    {"no-progress-meter", ignored},
    {"remote-name", ignored, 'O'},
    {"remote-header-name", ignored, 'J'},
    {"remote-time", ignored, 'R'},
    {"create-dirs", ignored},
    {"parallel", ignored, 'Z'},
    {"disable", ignored, 'q'},
    {"raw", ignored},
    {"tcp-nodelay", ignored},
    {"no-keepalive", ignored},
    {"no-alpn", ignored},
    {"ssl-reqd", ignored},
    {"post301", ignored},
    {"post302", ignored},
    {"post303", ignored},
    {"proxytunnel", ignored, 'p'},
    {"styled-output", ignored},
    {"no-styled-output", ignored},
    {"trace-time", ignored},
    {"trace-ids", ignored},
    {"no-sessionid", ignored},
    {"junk-session-cookies", ignored, 'j'},
    {"tcp-fastopen", ignored},
    {"output", ignored_argument, 'o'},
    {"output-dir", ignored_argument},
    {"write-out", ignored_argument, 'w'},
    {"max-time", ignored_argument, 'm'},
    {"connect-timeout", ignored_argument},
    {"expect100-timeout", ignored_argument},
    {"keepalive-time", ignored_argument},
    {"retry", ignored_argument},
    {"retry-delay", ignored_argument},
    {"retry-max-time", ignored_argument},
    {"cacert", ignored_argument},
    {"capath", ignored_argument},
    {"cert", ignored_argument, 'E'},
    {"cert-type", ignored_argument},
    {"key", ignored_argument},
    {"key-type", ignored_argument},
    {"pass", ignored_argument},
    {"ciphers", ignored_argument},
    {"tls13-ciphers", ignored_argument},
    {"tls-max", ignored_argument},
    {"pinnedpubkey", ignored_argument},
    {"resolve", ignored_argument},
    {"connect-to", ignored_argument},
    {"dns-servers", ignored_argument},
    {"doh-url", ignored_argument},
    {"interface", ignored_argument},
    {"local-port", ignored_argument},
    {"unix-socket", ignored_argument},
    {"abstract-unix-socket", ignored_argument},
    {"proxy", ignored_argument, 'x'},
    {"proxy-user", ignored_argument, 'U'},
    {"proxy-header", ignored_argument},
    {"noproxy", ignored_argument},
    {"cookie-jar", ignored_argument, 'c'},
    {"dump-header", ignored_argument, 'D'},
    {"stderr", ignored_argument},
    {"trace", ignored_argument},
    {"trace-ascii", ignored_argument},
    {"trace-config", ignored_argument},
    {"limit-rate", ignored_argument},
    {"rate", ignored_argument},
    {"max-redirs", ignored_argument},
    {"max-filesize", ignored_argument},
    {"netrc-file", ignored_argument},
    {"speed-limit", ignored_argument, 'Y'},
    {"speed-time", ignored_argument, 'y'},
    {"parallel-max", ignored_argument},
    {"proto", ignored_argument},
    {"proto-default", ignored_argument},
    {"proto-redir", ignored_argument},
});

template <class Matches>
CurlOption find(Matches matches) {
    for (const Row& row : kWithMeaning)
        if (matches(row)) return row.option;
    for (const Row& row : kWithoutMeaning)
        if (matches(row)) return row.option;
    return unknown;
}

}  // namespace

CurlOption curl_option(std::string_view name) {
    const CurlOption found = find([&](const Row& row) { return row.name == name; });
    if (found != unknown || !name.starts_with("no-")) return found;
    // Every option without an argument can be taken back.
    const CurlOption taken_back = curl_option(name.substr(3));
    return takes_argument(taken_back) ? unknown : taken_back == unknown ? unknown : ignored;
}

CurlOption curl_option(char letter) {
    return letter == '\0' ? unknown : find([&](const Row& row) { return row.letter == letter; });
}

bool takes_argument(CurlOption option) {
    switch (option) {
        case unknown:
        case ignored:
        case head:
        case get:
        case compressed:
        case path_as_is:
        case globoff:
        case next:
        case netrc:
        case other_scheme:
        case haproxy:
            return false;
        default:
            return true;
    }
}

}  // namespace kwikgate::gateway
