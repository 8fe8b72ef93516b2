#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "auth/ip_rules.hpp"
#include "gateway/http/request_parser.hpp"
#include "gateway/pipeline/pipeline.hpp"
#include "tests/auth/signature/signing_fixture.hpp"

namespace kwikgate::gateway {

/// The pipeline over a real store, without a socket: what a test changes of token, route,
/// configuration and request before `judge`.
class PipelineFixture : public auth::SigningFixture {
  protected:
    static constexpr auth::SectionId kPayments{1};
    static constexpr auth::SectionId kPayouts{2};
    static constexpr const char* kClient = "192.0.2.1";
    static constexpr std::uint64_t kNowNs = 1'000'000'000'000;

    /// One request, from its bytes to the verdict.
    struct Attempt {
        std::string raw;
        RequestContext context;
        Step step = Step::refuse;
        auth::Decision decision;  ///< The nonce included.
    };

    PipelineFixture() {
        config_.replay.entries = 1000;
        listener_.scheme = "https";
        route_.pattern = "/things";
        route_.section_slug = "payments";
        route_.requirement.section = kPayments;
        route_.requirement.access = auth::Access::write;
        route_.requirement.schemes.add(auth::Scheme::basic);
        route_.requirement.schemes.add(auth::Scheme::signature);
        route_.body_bytes = 1000;
        route_.method = request_.method = "POST";
        request_.target = "/things";
        renew_token();
    }

    /// Another live token that may write payments, for the requests that follow.
    void renew_token() {
        key_ = "key-" + std::to_string(++keys_);
        token_ = add_token(key_, kSecret,
                           [](store::TokenRecord& token) { token.writable.add(kPayments); });
    }
    /// Makes routes, limits and tables anew.
    void build() {
        runtime_ = Runtime{};
        runtime_.config = config_;
        runtime_.live_upstream = 0;
        runtime_.test_upstream = has_test_upstream_ ? 1 : -1;
        Route route = route_;
        runtime_.routes.add(std::move(route));
        runtime_.routes.finish();
        limits_ = std::make_unique<SharedLimits>(config_.address_limit, config_.replay,
                                                 std::chrono::milliseconds(330'000));
        pipeline_ = std::make_unique<Pipeline>(reader_, sealer_, *limits_);
    }
    void save_token() { update(token_); }

    std::string bytes_of(const auth::OwnedRequest& request) const {
        std::string raw = request.method + " " + request.target +
                          " HTTP/1.1\r\nHost: " + request.authority + "\r\n";
        for (const auto& [name, value] : request.fields) raw += name + ": " + value + "\r\n";
        if (request.body) raw += "Content-Length: " + std::to_string(request.body->size()) + "\r\n";
        return raw + "\r\n";
    }
    /// As far as the head tells.
    std::unique_ptr<Attempt> judge_head(std::string raw) {
        if (pipeline_ == nullptr) build();
        auto attempt = std::make_unique<Attempt>();
        attempt->raw = std::move(raw);
        RequestContext& context = attempt->context;
        std::size_t resume_at = 0;
        const auto parsed =
            http::parse_request_head(attempt->raw, {}, resume_at, attempt->context.head);
        EXPECT_EQ(parsed.status, http::ParseStatus::complete) << attempt->raw;
        context.take_view();
        EXPECT_TRUE(context.settle_origin(listener_, *auth::parse_ip(kClient)));
        attempt->step = pipeline_->judge(runtime_, context, now_, kNowNs);
        attempt->decision = context.decision;
        return attempt;
    }
    /// To where something would go upstream, `wait` later.
    std::unique_ptr<Attempt> judge(std::string raw, std::chrono::milliseconds wait = {}) {
        auto attempt = judge_head(std::move(raw));
        const bool is_let_in =
            attempt->step == Step::forward || attempt->step == Step::check_digest;
        if (is_let_in)
            attempt->decision = pipeline_->record_nonce(runtime_, attempt->context, now_ + wait);
        return attempt;
    }
    /// Signs `request_` with a nonce and judges it.
    auth::Decision ask(std::string_view nonce, std::chrono::milliseconds wait = {}) {
        return judge(signed_bytes(nonce), wait)->decision;
    }
    std::string signed_bytes(std::string_view nonce) {
        sign(request_, nonce, kNow, key_, secret_);
        return bytes_of(request_);
    }
    /// Uses nonces up, as other requests would: of one token, or of nobody.
    void use_up(int nonces, store::TokenNumber owner = store::TokenNumber{}) {
        for (int i = 0; i < nonces; ++i) use_nonce("somebody", std::to_string(++used_), owner);
    }
    void use_nonce(std::string_view key, std::string_view nonce, store::TokenNumber owner) {
        auth::ReplayGuard& guard = limits_->replay;
        const auto until = now_ + config_.signature.max_age;
        guard.record({guard.identify(key, nonce), owner, now_, until}, now_, 1'000'000);
    }

    Config config_;
    ListenerConfig listener_;
    Route route_;
    auth::OwnedRequest request_;
    store::TokenRecord token_;
    std::string key_;
    std::string_view secret_ = kSecret;
    auth::Timestamp now_ = auth::at_seconds(kNow);
    bool has_test_upstream_ = false;
    Runtime runtime_;
    std::unique_ptr<SharedLimits> limits_;
    std::unique_ptr<Pipeline> pipeline_;

  private:
    int keys_ = 0;
    int used_ = 0;
};

}  // namespace kwikgate::gateway
