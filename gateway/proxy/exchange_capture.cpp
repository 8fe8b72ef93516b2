#include "gateway/json/capture_entry.hpp"
#include "gateway/net/worker.hpp"
#include "gateway/proxy/exchange.hpp"
#include "store/clock.hpp"

// A refused request that carries a signature, written down for `kwikgate explain`. Cold path.
namespace kwikgate::gateway {
namespace {

constexpr std::size_t kMaxCapturedHead = std::size_t{32} << 10;

bool is_worth_it(const RequestContext& context) {
    const unsigned status = auth::row(context.decision.reason).status;
    const bool is_signed = context.view.find(auth::FieldName::signature) != nullptr ||
                           context.view.find(auth::FieldName::signature_input) != nullptr;
    return status < 500 && is_signed && context.head.head_bytes <= kMaxCapturedHead;
}

}  // namespace

void Exchange::capture_refusal() {
    const auto now = store::current_time();
    DebugCapture& capture = worker_.debug_capture();
    if (!is_worth_it(context_) || !capture.take_turn(now, context_.view.client)) return;
    CaptureEntry entry;
    entry.at = now;
    entry.request_id = context_.request_id.view();
    entry.listener = listener_->name;
    entry.peer = downstream_->peer_text();
    const auth::ReasonRow& row = auth::row(context_.decision.reason);
    entry.status = row.status;
    entry.reason = row.token;
    entry.phase = auth::to_token(context_.decision.phase);
    const net::Buffer& input = head_.has_block() ? head_ : downstream_->input();
    entry.head = input.readable().substr(0, context_.head.head_bytes);
    if (row.reason == auth::Reason::digest_mismatch && context_.decision.phase == auth::Phase::body)
        entry.body_digest = digest_.found();
    capture.submit(std::move(entry));
}

}  // namespace kwikgate::gateway
