#include "gateway/telemetry/span_json.hpp"

#include <cstdint>

#include "auth/json_text.hpp"

namespace kwikgate::gateway {
namespace {

// Of the protocol: SpanKind, StatusCode, and SpanFlags above the eight of the trace context.
constexpr std::uint64_t kServer = 2;
constexpr std::uint64_t kClient = 3;
constexpr std::uint64_t kError = 2;
constexpr std::uint64_t kSampledFlag = 0x01;
constexpr std::uint64_t kKnowsIfRemote = 0x100;
constexpr std::uint64_t kIsRemote = 0x200;

class Attributes {
  public:
    /// Left out where there is nothing to say.
    Attributes& text(std::string_view key, std::string_view value) {
        if (!value.empty()) add(key, auth::JsonObject().text("stringValue", value).to_string());
        return *this;
    }
    /// 64 bits are strings in the JSON form of protocol buffers.
    Attributes& number(std::string_view key, std::uint64_t value) {
        if (value != 0)
            add(key, auth::JsonObject().text("intValue", std::to_string(value)).to_string());
        return *this;
    }
    std::string to_string() const { return all_.to_string(); }

  private:
    void add(std::string_view key, const std::string& value) {
        all_.add(auth::JsonObject().text("key", key).raw("value", value).to_string());
    }
    auth::JsonArray all_;
};

std::string_view method_of(const SpanRecord& record) {
    return record.method.empty() ? "_OTHER" : record.method.view();
}

/// What went wrong: our reason, or the status, or who broke off before there was one.
std::string error_type(const SpanRecord& record, unsigned status) {
    if (record.reason != auth::Reason::none) return std::string(auth::row(record.reason).token);
    if (status != 0) return std::to_string(status);
    return std::string(to_token(record.termination));
}

/// Members that both spans have.
auth::JsonObject begin_span(const SpanRecord& record, std::string_view id,
                            std::string_view parent) {
    auth::JsonObject span;
    span.text("traceId", record.trace_id.view()).text("spanId", id);
    if (!parent.empty()) span.text("parentSpanId", parent);
    return span;
}

void add_times(auth::JsonObject& span, std::int64_t begin, std::int64_t end) {
    span.text("startTimeUnixNano", std::to_string(begin))
        .text("endTimeUnixNano", std::to_string(end));
}

void add_status(auth::JsonObject& span, bool is_error) {
    auth::JsonObject status;
    if (is_error) status.number("code", kError);
    span.raw("status", status.to_string());
}

std::string server_span(const SpanRecord& record) {
    std::string name(record.method.empty() ? "HTTP" : record.method.view());
    if (!record.route.empty()) name.append(" ").append(record.route.view());
    const bool is_cut = record.termination == Termination::upstream_aborted;
    const bool is_error = record.status >= 500 || is_cut;
    Attributes attributes;
    attributes.text("http.request.method", method_of(record))
        .text("http.route", record.route.view())
        .number("http.response.status_code", record.status)
        .text("error.type", is_error ? error_type(record, record.status) : "")
        .text("kwikgate.reason", auth::row(record.reason).token)
        .text("kwikgate.phase", record.reason == auth::Reason::none ? std::string_view()
                                                                    : auth::to_token(record.phase))
        .text("kwikgate.termination", to_token(record.termination))
        .text("kwikgate.listener", record.listener.view())
        .text("kwikgate.request_id", record.request_id.view())
        .text("kwikgate.token", record.token.view())
        .text("kwikgate.scheme", record.scheme)
        .text("kwikgate.environment", record.environment)
        .text("kwikgate.upstream", record.upstream.view());
    auth::JsonObject span = begin_span(record, record.span_id.view(), record.parent_id.view());
    span.text("name", name)
        .number("kind", kServer)
        .number("flags",
                kSampledFlag | kKnowsIfRemote | (record.parent_id.empty() ? 0 : kIsRemote));
    add_times(span, record.started_at, record.ended_at);
    add_status(span, is_error);
    return span.raw("attributes", attributes.to_string()).to_string();
}

std::string client_span(const SpanRecord& record) {
    const std::string_view server = record.server.view();
    const std::size_t colon = server.rfind(':');
    std::string_view host = server.substr(0, colon);
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    std::uint64_t port = 0;
    if (colon != std::string_view::npos)
        for (const char digit : server.substr(colon + 1))
            port = port * 10 + static_cast<std::uint64_t>(digit - '0');
    // For a client every answer from 400 on is an error.
    const bool is_error = record.upstream_status == 0 || record.upstream_status >= 400 ||
                          record.termination == Termination::upstream_aborted;
    Attributes attributes;
    attributes.text("http.request.method", method_of(record))
        .number("http.response.status_code", record.upstream_status)
        .number("http.request.resend_count", record.attempts > 1 ? record.attempts - 1 : 0)
        .text("server.address", host)
        .number("server.port", port)
        .text("error.type", is_error ? error_type(record, record.upstream_status) : "")
        .text("kwikgate.upstream", record.upstream.view());
    auth::JsonObject span = begin_span(record, record.client_span_id.view(), record.span_id.view());
    span.text("name", record.method.empty() ? "HTTP" : record.method.view())
        .number("kind", kClient)
        .number("flags", kSampledFlag | kKnowsIfRemote);
    add_times(span, record.upstream_begun_at, record.upstream_ended_at);
    add_status(span, is_error);
    return span.raw("attributes", attributes.to_string()).to_string();
}

}  // namespace

std::string spans_json(std::span<const SpanRecord> records, std::string_view service_name) {
    auth::JsonArray spans;
    for (const SpanRecord& record : records) {
        spans.add(server_span(record));
        if (record.spans() > 1) spans.add(client_span(record));
    }
    const std::string scope =
        auth::JsonObject().text("name", "kwikgate").text("version", KWIKGATE_VERSION).to_string();
    const std::string resource =
        auth::JsonObject()
            .raw("attributes", Attributes()
                                   .text("service.name", service_name)
                                   .text("service.version", KWIKGATE_VERSION)
                                   .to_string())
            .to_string();
    const std::string scope_spans =
        auth::JsonObject().raw("scope", scope).raw("spans", spans.to_string()).to_string();
    const std::string resource_spans = auth::JsonObject()
                                           .raw("resource", resource)
                                           .raw("scopeSpans", "[" + scope_spans + "]")
                                           .to_string();
    return auth::JsonObject().raw("resourceSpans", "[" + resource_spans + "]").to_string();
}

}  // namespace kwikgate::gateway
