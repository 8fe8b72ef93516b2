#include "tests/fuzz/pipeline/upstream.hpp"

#include <sys/socket.h>

#include <array>

#include "gateway/http/body_reader.hpp"
#include "gateway/http/request_parser.hpp"
#include "tests/fuzz/fuzz_input.hpp"

namespace kwikgate::fuzz {
namespace {

namespace http = gateway::http;

constexpr http::HeadLimits kWide{8'000, 16'000, 200};
/// Marks an answer of the upstream's own.
constexpr std::string_view kMark = "X-Upstream: yes\r\n";

std::string chunk(std::string_view text) {
    std::array<char, 20> line{};
    std::string out(line.data(), http::write_chunk_size(text.size(), line));
    return out.append(text).append("\r\n");
}

}  // namespace

Upstream* Upstream::self_ = nullptr;

Upstream::Upstream() {
    self_ = this;
}

Upstream::~Upstream() {
    self_ = nullptr;
}

int Upstream::connect() {
    if (self_->way_ == Way::refusing) return -1;
    std::array<int, 2> ends{};
    require(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()) == 0,
            "a pair of sockets");
    self_->connections_.push_back(std::make_unique<Connection>(ends[1]));
    return ends[0];
}

void Upstream::restart(Way way, std::string_view raw) {
    connections_.clear();
    seen_.clear();
    way_ = way;
    raw_ = raw;
}

void Upstream::stop() {
    connections_.clear();
    way_ = Way::refusing;
}

std::string Upstream::body_for(std::string_view method, std::string_view target) {
    return std::string("answer to ").append(method).append(" ").append(target);
}

bool Upstream::poll() {
    bool has_progress = false;
    for (std::size_t i = 0; i < connections_.size();) {
        const bool is_done = !work(*connections_[i]);
        has_progress = has_progress || !is_done;
        if (connections_[i]->socket.is_open() && connections_[i]->takes_more) {
            ++i;
            continue;
        }
        connections_.erase(connections_.begin() + static_cast<std::ptrdiff_t>(i));
        has_progress = true;
    }
    return has_progress;
}

bool Upstream::work(Connection& connection) {
    bool has_progress = false;
    std::array<char, 4096> room;
    while (!connection.is_ended) {
        const ssize_t n = ::recv(connection.socket.get(), room.data(), room.size(), 0);
        if (n < 0 && errno == EAGAIN) break;
        has_progress = true;
        connection.is_ended = n <= 0;
        if (n > 0) connection.input.append(room.data(), static_cast<std::size_t>(n));
    }
    while (connection.takes_more && connection.output.empty() && take_message(connection))
        has_progress = true;
    if (!connection.output.empty()) {
        const std::size_t piece = way_ == Way::in_two_pieces ? (connection.output.size() + 1) / 2
                                                             : connection.output.size();
        const ssize_t n =
            ::send(connection.socket.get(), connection.output.data(), piece, MSG_NOSIGNAL);
        has_progress = true;
        if (n < 0) {
            connection.output.clear();
        } else {
            connection.output.erase(0, static_cast<std::size_t>(n));
        }
        const bool ends = way_ == Way::then_close || way_ == Way::until_close ||
                          way_ == Way::raw_close || way_ == Way::early;
        if (ends && connection.output.empty()) connection.takes_more = false;
    }
    return has_progress;
}

/// A message at the start of the input, if there is a whole one.
bool Upstream::take_message(Connection& connection) {
    http::RequestHead head;
    std::size_t resume_at = 0;
    const auto parsed = http::parse_request_head(connection.input, kWide, resume_at, head);
    require(parsed.status != http::ParseStatus::refused, "what goes upstream is no HTTP");
    if (parsed.status != http::ParseStatus::complete) return false;
    if (way_ == Way::early && head.framing != http::BodyFraming::none) {
        answer(connection, head);
        connection.takes_more = true;
        connection.input.clear();
        return false;
    }
    http::BodyReader reader;
    reader.start(head.framing, head.content_length);
    std::string_view rest = std::string_view(connection.input).substr(head.head_bytes);
    std::string body;
    while (!reader.is_complete()) {
        if (rest.empty()) return false;
        const http::ChunkStep step = reader.step(rest);
        require(step.status != http::ChunkStatus::refused, "a body goes upstream in good framing");
        body.append(step.data);
        rest.remove_prefix(step.consumed);
    }
    Seen seen{std::string(head.method), std::string(head.path), std::move(body), {}};
    if (head.has_query) seen.target.append("?").append(head.query);
    for (const auth::FieldLine& line : head.fields) seen.fields.emplace_back(line.name, line.value);
    seen_.push_back(std::move(seen));
    answer(connection, head);
    connection.input.erase(0, connection.input.size() - rest.size());
    return true;
}

void Upstream::answer(Connection& connection, const http::RequestHead& head) {
    std::string target(head.path);
    if (head.has_query) target.append("?").append(head.query);
    std::string body = body_for(head.method, target);
    const std::string length = "Content-Length: " + std::to_string(body.size()) + "\r\n";
    if (head.method == "HEAD") body.clear();
    const std::string ok = std::string("HTTP/1.1 200 OK\r\n").append(kMark);
    switch (way_) {
        case Way::after_interim:
            connection.output = "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n";
            [[fallthrough]];
        case Way::with_length:
        case Way::in_two_pieces:
        case Way::early:
            connection.output += ok + length + "\r\n" + body;
            break;
        case Way::then_close:
            connection.output = ok + length + "Connection: close\r\n\r\n" + body;
            break;
        case Way::chunked:
            connection.output = ok + "Transfer-Encoding: chunked\r\n\r\n";
            if (head.method != "HEAD")
                connection.output += chunk(body.substr(0, 3)) + chunk(body.substr(3)) + "0\r\n\r\n";
            break;
        case Way::no_content:
            connection.output = std::string("HTTP/1.1 204 No Content\r\n").append(kMark) + "\r\n";
            break;
        case Way::until_close:
            connection.output = ok + "\r\n" + body;
            break;
        case Way::raw:
        case Way::raw_close:
            connection.output = raw_;
            if (raw_.empty() && way_ == Way::raw_close) connection.takes_more = false;
            break;
        case Way::gone:
            connection.takes_more = false;
            break;
        case Way::silent:
        case Way::refusing:
            break;
    }
}

}  // namespace kwikgate::fuzz
