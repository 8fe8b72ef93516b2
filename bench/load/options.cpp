#include "bench/load/options.hpp"

#include <arpa/inet.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "auth/signature/content_digest.hpp"
#include "auth/signature/signer.hpp"

namespace kwikgate::bench {
namespace {

/// What the command line says, before it is understood.
struct Flags {
    std::string url;
    std::string connect;
    std::string write_target;
    std::string mix = "read";
    std::string credentials;
    std::string revoked;
    std::string body_file;
    std::size_t body_bytes = 0;
    std::size_t answer_bytes = 0;
    std::string sign = "precomputed";
    std::size_t precompute = 1024;
    double duration = 10;
    double warmup = 1;
    double timeout = 10;
    double correct_us = 0;
};

std::chrono::nanoseconds to_time(double seconds) {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(
        std::chrono::duration<double>(seconds));
}

sockaddr_in parse_address(const std::string& text) {
    const std::size_t colon = text.rfind(':');
    sockaddr_in address{};
    address.sin_family = AF_INET;
    const std::string host = text.substr(0, colon);
    const int port = colon == std::string::npos ? 80 : std::atoi(text.c_str() + colon + 1);
    if (::inet_pton(AF_INET, host == "localhost" ? "127.0.0.1" : host.c_str(), &address.sin_addr) !=
            1 ||
        port < 1 || port > 65535)
        throw std::runtime_error(text + " is no IPv4 address with a port; name one with --connect");
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    return address;
}

std::string read_file(const std::string& name) {
    std::ifstream file(name, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    if (!file) throw std::runtime_error("cannot read " + name);
    return text.str();
}

/// A JSON object of exactly `bytes` bytes (at least the shortest there is).
std::string filler_body(std::size_t bytes) {
    const std::string start = R"({"note":")";
    const std::string end = R"("})";
    const std::size_t around = start.size() + end.size();
    return start + std::string(bytes > around ? bytes - around : 0, 'x') + end;
}

/// The upstream of this suite answers with as many bytes as the query asks for.
std::string with_answer_bytes(std::string target, std::size_t bytes) {
    if (bytes == 0) return target;
    target += target.find('?') == std::string::npos ? "?bytes=" : "&bytes=";
    return target + std::to_string(bytes);
}

void understand(const Flags& flags, Options& out) {
    std::string_view scheme;
    std::string_view authority;
    std::string_view target;
    if (!auth::split_url(flags.url, scheme, authority, target))
        throw std::runtime_error(flags.url + " is no http URL");
    if (scheme != "http" && flags.connect.empty())
        throw std::runtime_error("only http is spoken; https may be signed, with --connect");
    std::string error;
    auto mix = Mix::parse(flags.mix, error);
    if (!mix) throw std::runtime_error("--mix: " + error);

    out.load.target = parse_address(flags.connect.empty() ? std::string(authority) : flags.connect);
    out.load.duration = to_time(flags.duration);
    out.load.warmup = to_time(flags.warmup);
    out.load.request_timeout = to_time(flags.timeout);
    out.load.expected_interval = to_time(flags.correct_us / 1e6);
    if (out.load.threads > out.load.connections) out.load.threads = out.load.connections;

    RequestPlan& plan = out.requests;
    plan.mix = *mix;
    plan.scheme = scheme;
    plan.authority = authority;
    plan.read_target =
        with_answer_bytes(target.empty() ? "/" : std::string(target), flags.answer_bytes);
    plan.write_target =
        with_answer_bytes(flags.write_target.empty() ? plan.read_target : flags.write_target,
                          flags.write_target.empty() ? 0 : flags.answer_bytes);
    plan.body = !flags.body_file.empty() ? read_file(flags.body_file)
                : flags.body_bytes != 0  ? filler_body(flags.body_bytes)
                                         : R"({"note":"load"})";
    plan.content_digest = auth::content_digest_field(plan.body);
    plan.precomputed = flags.sign == "live" ? 0 : flags.precompute;
    if (!flags.credentials.empty()) plan.credentials = read_credentials(flags.credentials);
    if (!flags.revoked.empty()) plan.revoked = read_credentials(flags.revoked);
}

void describe(CLI::App& app, Flags& flags, Options& options) {
    app.add_option("url", flags.url, "What GETs ask for: http://host:port/path")->required();
    app.add_option("--connect", flags.connect,
                   "IPv4 address and port to connect to, when not those of the URL");
    app.add_option("--write-target", flags.write_target, "Path that POSTs go to");
    app.add_option("--mix", flags.mix,
                   "Shares of kinds, like read=90,write=9,bad=1. Kinds: read write basic_read "
                   "basic_write bad replayed revoked anonymous")
        ->capture_default_str();
    app.add_option("--credentials", flags.credentials,
                   "File of JSON lines with api_key and api_secret, used in turn");
    app.add_option("--revoked", flags.revoked, "The same for tokens that were disabled");
    app.add_option("-c,--connections", options.load.connections,
                   "Connections, all threads together")
        ->capture_default_str()
        ->check(CLI::Range(1, 1'000'000));
    app.add_option("-t,--threads", options.load.threads, "Threads")
        ->capture_default_str()
        ->check(CLI::Range(1, 256));
    app.add_option("-r,--rate", options.load.rate,
                   "Requests a second, at even distances (open loop); 0: as fast as the answers "
                   "come (closed loop)")
        ->capture_default_str();
    app.add_option("-d,--duration", flags.duration, "Seconds that are measured")
        ->capture_default_str();
    app.add_option("--warmup", flags.warmup, "Seconds before")->capture_default_str();
    app.add_option("--warmup-rate", options.load.warmup_rate,
                   "With --rate: another rate during these, to measure what a jump does")
        ->needs("--rate");
    app.add_option("--timeout", flags.timeout, "Seconds that an answer may take")
        ->capture_default_str();
    app.add_option("--body", flags.body_file, "File with the body of writes");
    app.add_option("--body-bytes", flags.body_bytes, "Size of the body of writes");
    app.add_option("--answer-bytes", flags.answer_bytes,
                   "Size of answers, asked of kwikgate-upstream by the query");
    app.add_option("--header", options.requests.extra_fields, "Field line to add: 'Name: value'");
    app.add_option("--sign", flags.sign,
                   "precomputed: requests are made ahead; live: each when it is sent")
        ->capture_default_str()
        ->check(CLI::IsMember({"precomputed", "live"}));
    app.add_option("--precompute", flags.precompute, "Requests of a kind made ahead, a thread")
        ->capture_default_str()
        ->check(CLI::Range(1, 10'000'000));
    app.add_option("--correct", flags.correct_us,
                   "Closed loop: microseconds in which each connection was to send one, to correct "
                   "for coordinated omission; 0: none");
    app.add_option("--cpu-of", options.load.watched, "Processes whose CPU time is measured")
        ->delimiter(',');
    app.add_flag("--json", options.prints_json, "Print JSON instead of text");
    app.add_option("--json-file", options.json_file, "Write the JSON here too");
    app.add_option("--svg", options.svg_file, "Write a plot of the latencies here");
    app.add_option("--max-p50", options.thresholds.max_p50_us, "Microseconds; exit 1 above");
    app.add_option("--max-p99", options.thresholds.max_p99_us, "Microseconds; exit 1 above");
    app.add_option("--min-rate", options.thresholds.min_rate, "Requests a second; exit 1 below");
    app.add_option("--max-errors", options.thresholds.max_errors,
                   "Unexpected answers, time-outs and broken connections; exit 1 above");
}

}  // namespace

std::optional<Options> read_options(int argc, char** argv, int& exit_code) {
    CLI::App app("Load for an HTTP/1.1 gateway, signed, and what came of it");
    app.footer(
        "Exit status: 0 done, 1 a threshold was crossed or the run failed, 2 wrong usage.\n"
        "Secrets are read from files only.");
    Flags flags;
    auto options = std::make_optional<Options>();
    describe(app, flags, *options);
    try {
        app.parse(argc, argv);
        understand(flags, *options);
        return options;
    } catch (const CLI::ParseError& error) {
        exit_code = app.exit(error) == 0 ? 0 : 2;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "kwikgate-load: %s\n", error.what());
        exit_code = 2;
    }
    return std::nullopt;
}

}  // namespace kwikgate::bench
