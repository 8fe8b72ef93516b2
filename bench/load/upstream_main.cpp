#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "bench/load/open_files.hpp"
#include "bench/support/program.hpp"
#include "gateway/http/body_reader.hpp"
#include "gateway/http/request_parser.hpp"

// A server that costs next to nothing: reads whole requests and answers each with as many bytes as
// `?bytes=N` asks for, else as many as it was told. One thread.
namespace kwikgate::bench {
namespace {

namespace http = gateway::http;

constexpr std::size_t kInputBytes = 256 * 1024;
constexpr std::size_t kMaxAnswerBytes = std::size_t{1} << 30;
constexpr http::HeadLimits kLimits{64 * 1024, 64 * 1024, 200};

/// Answers by size of body, made when first asked for. Node addresses stay.
class Answers {
  public:
    explicit Answers(std::size_t usual) : usual_(get(usual)) {}
    const std::string& usual() const { return usual_; }
    const std::string& get(std::size_t bytes) {
        std::string& answer = made_[bytes];
        if (answer.empty())
            answer = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " +
                     std::to_string(bytes) + "\r\n\r\n" + std::string(bytes, 'x');
        return answer;
    }
    const std::string& for_query(std::string_view query) {
        constexpr std::string_view kKey = "bytes=";
        const std::size_t at = query.find(kKey);
        if (at == std::string_view::npos) return usual_;
        const std::string_view digits = query.substr(at + kKey.size());
        std::size_t bytes = 0;
        std::from_chars(digits.data(), digits.data() + digits.size(), bytes);
        return get(std::min(bytes, kMaxAnswerBytes));
    }

  private:
    std::map<std::size_t, std::string> made_;
    const std::string& usual_;
};

struct Connection {
    int descriptor = -1;
    http::RequestHead head;
    http::BodyReader body;
    std::string partial;  ///< A head that came in pieces.
    std::size_t resume_at = 0;
    bool has_head = false;
    bool closes = false;
    const std::string* chosen = nullptr;  ///< For the request that is being read.
    const std::string* answer = nullptr;  ///< On its way out.
    std::size_t written = 0;
};

class Server {
  public:
    Server(const sockaddr_in& address, std::size_t answer_bytes) : answers_(answer_bytes) {
        input_.resize(kInputBytes);
        epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
        listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        const int on = 1;
        ::setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
        ::setsockopt(listener_, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
        if (::bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
            ::listen(listener_, 8192) != 0)
            throw std::system_error(errno, std::generic_category(), "listen");
        epoll_event event{};
        event.events = EPOLLIN;
        ::epoll_ctl(epoll_, EPOLL_CTL_ADD, listener_, &event);
    }

    [[noreturn]] void run() {
        std::array<epoll_event, 256> events;
        for (;;) {
            const int count =
                ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), -1);
            for (int i = 0; i < count; ++i) {
                const epoll_event& event = events[static_cast<std::size_t>(i)];
                auto* connection = static_cast<Connection*>(event.data.ptr);
                if (connection == nullptr) {
                    accept_all();
                } else if (!serve(*connection, event.events)) {
                    ::close(connection->descriptor);
                    delete connection;
                }
            }
        }
    }

  private:
    void accept_all() {
        for (;;) {
            const int descriptor =
                ::accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
            if (descriptor < 0) return;
            const int on = 1;
            ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
            auto connection = std::make_unique<Connection>();
            connection->descriptor = descriptor;
            connection->head.fields.reserve(64);
            epoll_event event{};
            event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
            event.data.ptr = connection.release();
            ::epoll_ctl(epoll_, EPOLL_CTL_ADD, descriptor, &event);
        }
    }

    /// False when the connection is over.
    bool serve(Connection& connection, std::uint32_t what) {
        if (connection.answer != nullptr && (what & EPOLLOUT) != 0 && !write(connection))
            return false;
        for (;;) {
            const ssize_t n = ::recv(connection.descriptor, input_.data(), input_.size(), 0);
            if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return true;
            if (n <= 0) return false;
            std::string_view bytes(input_.data(), static_cast<std::size_t>(n));
            while (!bytes.empty())
                if (!take(connection, bytes)) return false;
            // A short read emptied the socket; only an end of stream may lie behind it.
            if (static_cast<std::size_t>(n) < input_.size() && (what & EPOLLRDHUP) == 0)
                return true;
        }
    }

    bool take(Connection& connection, std::string_view& bytes) {
        if (!connection.has_head && !take_head(connection, bytes)) return bytes.empty();
        while (!connection.body.is_complete() && !bytes.empty()) {
            const http::ChunkStep step = connection.body.step(bytes);
            if (step.status == http::ChunkStatus::refused) return false;
            bytes.remove_prefix(step.consumed);
        }
        if (!connection.body.is_complete()) return true;
        connection.has_head = false;
        connection.answer = connection.chosen;
        connection.written = 0;
        return write(connection) && !connection.closes;
    }

    /// False when there is no whole head yet (`bytes` is empty then) or a bad one.
    bool take_head(Connection& connection, std::string_view& bytes) {
        std::string_view text = bytes;
        const std::size_t before = connection.partial.size();
        if (before != 0) {
            connection.partial.append(bytes);
            text = connection.partial;
        }
        const auto result =
            http::parse_request_head(text, kLimits, connection.resume_at, connection.head);
        if (result.status == http::ParseStatus::refused) return false;
        if (result.status == http::ParseStatus::need_more) {
            if (before == 0) connection.partial.assign(bytes);
            bytes = {};
            return false;
        }
        bytes.remove_prefix(connection.head.head_bytes - before);
        connection.resume_at = 0;
        connection.has_head = true;
        connection.closes = !connection.head.keep_alive;
        connection.body.start(connection.head.framing, connection.head.content_length);
        connection.chosen = &answers_.for_query(connection.head.query);
        connection.partial.clear();
        return true;
    }

    bool write(Connection& connection) {
        const std::string& answer = *connection.answer;
        while (connection.written < answer.size()) {
            const ssize_t n = ::send(connection.descriptor, answer.data() + connection.written,
                                     answer.size() - connection.written, MSG_NOSIGNAL);
            if (n < 0) return errno == EAGAIN || errno == EWOULDBLOCK;
            connection.written += static_cast<std::size_t>(n);
        }
        connection.answer = nullptr;
        return true;
    }

    Answers answers_;
    std::string input_;
    int epoll_ = -1;
    int listener_ = -1;
};

int main_of(int argc, char** argv) {
    CLI::App app("An upstream that answers at once, always the same");
    std::string host = "127.0.0.1";
    std::uint16_t port = 9000;
    std::size_t answer_bytes = 200;
    app.add_option("--host", host, "IPv4 address")->capture_default_str();
    app.add_option("--port", port, "Port")->capture_default_str();
    app.add_option("--answer-bytes", answer_bytes,
                   "Size of the body, where the query has no bytes=N")
        ->capture_default_str();
    CLI11_PARSE(app, argc, argv);
    allow_open_files();
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    if (::inet_pton(AF_INET, host.c_str(), &address.sin_addr) != 1)
        throw std::runtime_error(host + " is no IPv4 address");
    Server server(address, answer_bytes);
    std::printf("listening on %s:%u\n", host.c_str(), static_cast<unsigned>(port));
    std::fflush(stdout);
    server.run();
}

}  // namespace
}  // namespace kwikgate::bench

int main(int argc, char** argv) {
    using namespace kwikgate::bench;
    return run_program("kwikgate-upstream", main_of, argc, argv);
}
