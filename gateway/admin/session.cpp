#include "gateway/admin/session.hpp"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/stream_traits.hpp>
#include <iterator>

#include "auth/secret.hpp"

namespace kwikgate::gateway::admin {

namespace asio = boost::asio;
namespace http = boost::beast::http;

namespace {

constexpr const char* kPageKeyField = "X-Kwikgate-Page-Key";

/// Whether the message shows that a proxy sent it for somebody else: a field that says so, or the
/// HTTP/1.0 that nginx speaks to what is behind it unless told otherwise.
template <class Head>
bool is_forwarded(const Head& head) {
    static constexpr const char* kFields[] = {"Forwarded",        "Via",       "X-Forwarded-For",
                                              "X-Forwarded-Host", "X-Real-IP", "X-Forwarded-Proto"};
    return head.version() < 11 ||
           std::any_of(std::begin(kFields), std::end(kFields),
                       [&](const char* name) { return head.count(name) != 0; });
}

}  // namespace

template <class Stream>
void Session<Stream>::start() {
    if constexpr (std::is_same_v<Stream, TlsStream>) {
        lowest().expires_after(kMessageTime);
        stream_.async_handshake(asio::ssl::stream_base::server,
                                [self = this->shared_from_this()](const ErrorCode& error) {
                                    if (!error) self->read_head();
                                });
    } else {
        read_head();
    }
}

template <class Stream>
void Session<Stream>::read_head() {
    parser_.emplace();
    parser_->header_limit(kMaxHeaderBytes);
    parser_->body_limit(kMaxBodyBytes);
    doing = Doing::waiting;
    since = guests_.next_moment();
    lowest().expires_after(kIdleTime);
    http::async_read_header(stream_, buffer_, *parser_,
                            [self = this->shared_from_this()](const ErrorCode& error, std::size_t) {
                                self->on_head(error);
                            });
}

template <class Stream>
void Session<Stream>::on_head(const ErrorCode& error) {
    if (error == http::error::header_limit)
        return refuse(431, "header_too_large", "The header is longer than 16 KiB.");
    if (error == http::error::body_limit)
        return refuse(413, "body_too_large", "The body is longer than 256 KiB.");
    if (error == http::error::end_of_stream) return close();
    // Not HTTP, or the client went away or took too long: nobody waits for an answer.
    if (error) return;
    doing = Doing::talking;
    if (!take_head())
        return refuse(400, "request_invalid", "The message is not framed beyond doubt.");
    if (parser_->get()[http::field::expect] == "100-continue") return send_continue();
    read_body();
}

/// What identifies the caller is taken before the body: a trailer cannot add to it. False for
/// framing that two readers could understand differently.
template <class Stream>
bool Session<Stream>::take_head() {
    const auto& head = parser_->get();
    const auto coding = head[http::field::transfer_encoding];
    const std::size_t hosts = head.count(http::field::host);
    if (hosts > 1 || (hosts == 0 && head.version() != 10) ||
        head.count(http::field::content_length) > 1 || head.count(http::field::authorization) > 1 ||
        head.count(http::field::origin) > 1 || head.count(kPageKeyField) > 1)
        return false;
    if (!coding.empty() && (!boost::beast::iequals(coding, "chunked") || head.version() != 11 ||
                            head.count(http::field::content_length) != 0))
        return false;
    const auto value = [&](http::field name) { return std::string(head[name]); };
    request_ = {};
    request_.method = std::string(head.method_string());
    request_.target = std::string(head.target());
    request_.host = value(http::field::host);
    request_.origin = value(http::field::origin);
    request_.fetch_site = std::string(head["Sec-Fetch-Site"]);
    request_.authorization = value(http::field::authorization);
    request_.page_key = std::string(head[kPageKeyField]);
    request_.content_type = value(http::field::content_type);
    request_.if_match = value(http::field::if_match);
    request_.accept_encoding = value(http::field::accept_encoding);
    for (const auto& field : head)
        if (field.name() == http::field::cookie)
            request_.cookie += (request_.cookie.empty() ? "" : "; ") + std::string(field.value());
    request_.peer = peer_.address;
    request_.is_local_peer = peer_.is_local;
    request_.is_forwarded = is_forwarded(head);
    request_.is_tls = std::is_same_v<Stream, TlsStream>;
    return true;
}

template <class Stream>
void Session<Stream>::send_continue() {
    static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
    lowest().expires_after(kMessageTime);
    asio::async_write(stream_, asio::buffer(kContinue.data(), kContinue.size()),
                      [self = this->shared_from_this()](const ErrorCode& error, std::size_t) {
                          if (!error) self->read_body();
                      });
}

template <class Stream>
void Session<Stream>::read_body() {
    lowest().expires_after(kMessageTime);
    http::async_read(stream_, buffer_, *parser_,
                     [self = this->shared_from_this()](const ErrorCode& error, std::size_t) {
                         self->on_request(error);
                     });
}

template <class Stream>
void Session<Stream>::on_request(const ErrorCode& error) {
    if (error == http::error::body_limit)
        return refuse(413, "body_too_large", "The body is longer than 256 KiB.");
    if (error) return;
    keep_alive_ = parser_->get().keep_alive();
    request_.body = std::move(parser_->get().body());
    doing = Doing::working;
    lowest().expires_after(kWorkTime);
    // The answer may come from another thread: back to ours with it, and with the end of the
    // session where that thread is the last to let go of it.
    const auto executor = stream_.get_executor();
    std::shared_ptr<Session> held(this,
                                  [executor, self = this->shared_from_this()](Session*) mutable {
                                      asio::post(executor, [last = std::move(self)] {});
                                  });
    handler_(request_, [executor, held = std::move(held)](AdminResponse response) {
        asio::dispatch(executor, [held, done = std::move(response)]() mutable {
            held->answer(std::move(done));
        });
    });
}

template <class Stream>
void Session<Stream>::refuse(unsigned status, std::string_view code, std::string_view detail) {
    keep_alive_ = false;
    answer(problem(status, code, detail));
}

template <class Stream>
void Session<Stream>::answer(AdminResponse response) {
    auth::wipe(request_.body.data(), request_.body.size());
    auth::wipe(request_.authorization.data(), request_.authorization.size());
    auth::wipe(request_.page_key.data(), request_.page_key.size());
    doing = Doing::talking;
    is_known = response.is_for_known;
    response_ = {};
    response_.version(11);
    response_.result(response.status);
    response_.keep_alive(keep_alive_);
    // A client of HTTP/1.0 waits for the end of the connection unless it is told of none.
    if (keep_alive_ && parser_->get().version() == 10)
        response_.set(http::field::connection, "keep-alive");
    for (const auto& [name, value] : response.fields) response_.insert(name, value);
    holds_secret_ = response.holds_secret;
    if (response.status != 204) {
        response_.set(http::field::content_type, response.content_type);
        response_.content_length(response.body.size());
    }
    if (request_.method != "HEAD") response_.body() = std::move(response.body);
    serializer_.emplace(response_);
    lowest().expires_after(kMessageTime);
    http::async_write(stream_, *serializer_,
                      [self = this->shared_from_this()](const ErrorCode& error, std::size_t) {
                          self->on_written(error);
                      });
}

template <class Stream>
void Session<Stream>::on_written(const ErrorCode& error) {
    if (holds_secret_) auth::wipe(response_.body().data(), response_.body().size());
    if (error) return;
    if (!keep_alive_) return close();
    read_head();
}

template <class Stream>
void Session<Stream>::close() {
    ErrorCode ignored;
    lowest().socket().shutdown(asio::socket_base::shutdown_send, ignored);
}

template class Session<PlainStream>;
template class Session<TlsStream>;

}  // namespace kwikgate::gateway::admin
