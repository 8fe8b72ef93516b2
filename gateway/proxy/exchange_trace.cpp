#include "gateway/http/trace_context.hpp"
#include "gateway/net/worker.hpp"
#include "gateway/proxy/exchange.hpp"

// The trace that a request belongs to, and its span where it is sampled.
namespace kwikgate::gateway {

void Exchange::begin_trace() {
    const auth::RequestView& view = context_.view;
    const bool is_single = view.count(auth::FieldName::traceparent) == 1;
    const std::string_view sent =
        is_single ? view.find(auth::FieldName::traceparent)->value : std::string_view{};
    const bool is_continued = http::continue_trace(sent, worker_.ids(), context_.traceparent);
    context_.continues_trace = is_continued;
    const Sampler& sampler = runtime_->runtime->sampler;
    if (!sampler.is_on()) return;
    ParentTrace parent = ParentTrace::none;
    if (is_continued)
        parent = http::is_sampled(sent) ? ParentTrace::sampled : ParentTrace::not_sampled;
    const bool is_sampled = sampler.takes(parent, context_.is_proxied, worker_.ids().next());
    // Our word from here on: what a stranger says would make every service behind us trace it.
    http::set_sampled(context_.traceparent, is_sampled);
    if (!is_sampled) return;
    context_.span_id = http::next_span_id(worker_.ids());
    context_.parent_span_id.assign(is_continued ? http::parent_id_of(sent) : std::string_view{});
}

void Exchange::record_span(std::chrono::system_clock::time_point now, SteadyTime ended_at) {
    worker_.spans().add(make_span(context_, listener_->name, now, ended_at));
}

}  // namespace kwikgate::gateway
