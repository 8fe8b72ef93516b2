#include "gateway/sandbox/sandbox.hpp"

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <csignal>
#include <memory>
#include <set>
#include <utility>

#include "auth/ascii.hpp"
#include "auth/signature/sha2.hpp"
#include "gateway/sandbox/answers.hpp"

namespace kwikgate::gateway::sandbox {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;
using boost::system::error_code;

constexpr auto kNoThrow = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t kBodyPieceBytes = 64 * 1024;
constexpr std::size_t kHeaderBytes = 128 * 1024;
constexpr std::chrono::seconds kEndGrace{5};

/// What the connections share; one thread.
struct Server {
    Answers answers;
    std::chrono::milliseconds delay;
    bool is_ending = false;
    std::set<tcp::socket*> waiting;  ///< Idle between requests: closed at once when it ends.
};

using Parser = http::request_parser<http::buffer_body>;

/// Reads the body in pieces, whatever its size.
asio::awaitable<error_code> read_body(tcp::socket& socket, beast::flat_buffer& buffer,
                                      Parser& parser, Received& received) {
    auth::Sha256 hash;
    const auto piece = std::make_unique<char[]>(kBodyPieceBytes);
    while (!parser.is_done()) {
        parser.get().body().data = piece.get();
        parser.get().body().size = kBodyPieceBytes;
        auto [error, size] = co_await http::async_read(socket, buffer, parser, kNoThrow);
        if (error == http::error::need_buffer) error = {};
        if (error) co_return error;
        const std::size_t got = kBodyPieceBytes - parser.get().body().size;
        hash.update(std::string_view(piece.get(), got));
        received.body_bytes += got;
    }
    std::array<std::uint8_t, auth::Sha256::kSize> digest{};
    hash.finish(digest);
    received.body_sha256 = auth::to_hex(digest);
    co_return error_code{};
}

/// One request and its answer. False when the connection ends.
asio::awaitable<bool> serve_request(tcp::socket& socket, beast::flat_buffer& buffer,
                                    Server& server) {
    if (server.is_ending) co_return false;
    Parser parser;
    parser.header_limit(static_cast<std::uint32_t>(kHeaderBytes));
    parser.body_limit(boost::none);
    server.waiting.insert(&socket);
    auto [header_error, header_bytes] =
        co_await http::async_read_header(socket, buffer, parser, kNoThrow);
    server.waiting.erase(&socket);
    if (header_error) co_return false;

    Received received;
    received.method = std::string(parser.get().method_string());
    received.target = std::string(parser.get().target());
    for (const auto& field : parser.get()) {
        received.headers.emplace_back(field.name_string(), field.value());
    }
    if (beast::iequals(parser.get()[http::field::expect], "100-continue")) {
        constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
        auto [error, size] = co_await asio::async_write(socket, asio::buffer(kContinue), kNoThrow);
        if (error) co_return false;
    }
    if (co_await read_body(socket, buffer, parser, received)) co_return false;

    const bool is_head = received.method == "HEAD";
    const bool keep_alive = parser.keep_alive() && !server.is_ending;
    if (server.delay.count() > 0) {
        asio::steady_timer timer(socket.get_executor(), server.delay);
        co_await timer.async_wait(kNoThrow);
    }
    Answer answer = server.answers.answer(received);
    http::response<http::string_body> response(static_cast<http::status>(answer.status),
                                               parser.get().version());
    response.set(http::field::server, "kwikgate-sandbox");
    response.set(http::field::content_type, "application/json");
    response.keep_alive(keep_alive);
    response.content_length(answer.body.size());
    if (!is_head) response.body() = std::move(answer.body);
    auto [error, size] = co_await http::async_write(socket, response, kNoThrow);
    co_return !error && keep_alive;
}

asio::awaitable<void> serve_connection(tcp::socket socket, Server& server) {
    beast::flat_buffer buffer;
    error_code ignored;
    socket.set_option(tcp::no_delay(true), ignored);
    while (co_await serve_request(socket, buffer, server)) {
    }
    socket.shutdown(tcp::socket::shutdown_send, ignored);
}

asio::awaitable<void> accept_connections(tcp::acceptor& acceptor, Server& server) {
    while (acceptor.is_open()) {
        auto [error, socket] = co_await acceptor.async_accept(kNoThrow);
        if (error) continue;
        const auto executor = socket.get_executor();
        asio::co_spawn(executor, serve_connection(std::move(socket), server), asio::detached);
    }
}

void end_on_signal(asio::signal_set& signals, tcp::acceptor& acceptor, Server& server) {
    signals.async_wait([&acceptor, &server](const error_code& error, int) {
        if (error) return;
        error_code ignored;
        server.is_ending = true;
        acceptor.close(ignored);
        for (tcp::socket* socket : server.waiting) socket->cancel(ignored);
    });
}

std::optional<std::string> open(tcp::acceptor& acceptor, const Options& options) {
    const std::string where = options.host + ":" + std::to_string(options.port);
    error_code error;
    const auto address = asio::ip::make_address(options.host, error);
    if (error) return "cannot listen on " + where + ": write an address such as 127.0.0.1:9090";
    const tcp::endpoint endpoint(address, options.port);
    acceptor.open(endpoint.protocol(), error);
    if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
    if (!error) acceptor.bind(endpoint, error);
    if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
    if (!error) return std::nullopt;
    const bool is_taken = error == asio::error::address_in_use;
    return "cannot listen on " + where + ": " + error.message() +
           (is_taken ? "; stop what listens there or name another port" : "");
}

}  // namespace

std::optional<std::string> run(const Options& options) {
    auto answers = Answers::from_routes(options.routes);
    if (!answers) return "the routes file has no \"routes\" with method and path";
    Server server{std::move(*answers), options.delay, false, {}};
    asio::io_context context(1);
    tcp::acceptor acceptor(context);
    if (auto problem = open(acceptor, options)) return problem;
    asio::signal_set signals(context, SIGINT, SIGTERM);
    asio::co_spawn(context, accept_connections(acceptor, server), asio::detached);
    end_on_signal(signals, acceptor, server);
    if (options.on_ready) options.on_ready(acceptor.local_endpoint().port());
    while (!server.is_ending && context.run_one() > 0) {
    }
    // Requests under way keep the context busy; nothing does for longer than this.
    context.run_for(kEndGrace);
    return std::nullopt;
}

}  // namespace kwikgate::gateway::sandbox
