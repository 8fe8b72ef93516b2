#include <string>
#include <vector>

#include "tests/gateway/pipeline/pipeline_fixture.hpp"

// The order of reasons is a contract: of two things that are wrong, the first is the answer.
namespace kwikgate::gateway {
namespace {

using auth::Decision;
using auth::Phase;
using auth::Reason;
using std::chrono::milliseconds;

class PipelineOrder : public PipelineFixture {
  protected:
    PipelineOrder() { config_.address_limit.burst = 1; }

    using Change = void (*)(PipelineOrder&);
    /// One thing that is wrong, in the order in which it is told.
    struct Fault {
        Reason reason;
        Phase phase;
        Change before;  ///< To token, route, configuration and request; may be null.
        Change after;   ///< To the tables that all requests share; may be null.
    };
    static const std::vector<Fault>& faults();

    Decision judge_with(const std::vector<Fault>& wrong) {
        restore();
        for (const Fault& fault : wrong)
            if (fault.before != nullptr) fault.before(*this);
        save_token();
        build();
        for (const Fault& fault : wrong)
            if (fault.after != nullptr) fault.after(*this);
        held_before_ = limits_->replay.size();
        return ask("the-nonce", wait_);
    }
    void restore() {
        another_.release();
        renew_token();
        config_.replay.token_share = 50;
        route_.content_types.clear();
        route_.requirement.environment.reset();
        route_.requirement.schemes = {};
        route_.requirement.schemes.add(auth::Scheme::basic);
        route_.requirement.schemes.add(auth::Scheme::signature);
        request_.fields.clear();
        request_.body = "{}";
        secret_ = kSecret;
        wait_ = {};
    }

    milliseconds wait_{};
    std::size_t held_before_ = 0;
    ConcurrencyPlace another_;  ///< Of a request that is under way.
};

const std::vector<PipelineOrder::Fault>& PipelineOrder::faults() {
    using T = PipelineOrder;
    static const std::vector<Fault> all = {
        {Reason::address_limited, Phase::address_limit, nullptr,
         [](T& t) { t.limits_->address.record_failure(*auth::parse_ip(kClient), kNowNs); }},
        {Reason::body_too_large, Phase::route,
         [](T& t) { t.request_.body = std::string(1001, 'x'); }, nullptr},
        {Reason::content_type_unsupported, Phase::route,
         [](T& t) { t.route_.content_types = {"application/json"}; }, nullptr},
        {Reason::credential_invalid, Phase::authenticate,
         [](T& t) { t.secret_ = "another secret"; }, nullptr},
        {Reason::nonce_replayed, Phase::replay, nullptr,
         [](T& t) { t.use_nonce(t.key_, "the-nonce", t.token_.number); }},
        {Reason::token_disabled, Phase::status,
         [](T& t) { t.token_.status = auth::TokenStatus::disabled; }, nullptr},
        {Reason::token_expired, Phase::status, [](T& t) { t.token_.expires_at = t.now_; }, nullptr},
        {Reason::scheme_not_allowed, Phase::status,
         [](T& t) {
             t.route_.requirement.schemes = {};
             t.route_.requirement.schemes.add(auth::Scheme::basic);
         },
         nullptr},
        {Reason::address_not_allowed, Phase::address,
         [](T& t) { t.token_.allowed_ips = {*auth::parse_ip_range("198.51.100.0/24")}; }, nullptr},
        {Reason::environment_not_allowed, Phase::environment,
         [](T& t) {
             t.route_.requirement.environment = auth::Environment::live;
             t.token_.environment = auth::Environment::test;
         },
         nullptr},
        {Reason::section_not_granted, Phase::section, [](T& t) { t.token_.readable = {}; },
         nullptr},
        {Reason::write_not_granted, Phase::permission, [](T& t) { t.token_.writable = {}; },
         nullptr},
        {Reason::rate_limited, Phase::rate_limit,
         [](T& t) {
             t.token_.rate = {1, 1};
         },
         [](T& t) {
             t.limits_->rate.take(t.token_.number, {1, 1}, kNowNs);
         }},
        {Reason::concurrency_limited, Phase::rate_limit, [](T& t) { t.token_.max_concurrent = 1; },
         [](T& t) { t.limits_->concurrency.take(t.token_.number, 1, t.another_); }},
        {Reason::signature_expired, Phase::nonce,
         [](T& t) { t.wait_ = t.config_.signature.max_age + milliseconds(1); }, nullptr},
        {Reason::replay_state_lost, Phase::nonce, nullptr,
         [](T& t) { t.limits_->replay.distrust_created_until(t.now_); }},
        {Reason::nonce_limited, Phase::nonce, [](T& t) { t.config_.replay.token_share = 1; },
         [](T& t) { t.use_up(10, t.token_.number); }},
        {Reason::replay_table_full, Phase::nonce, nullptr, [](T& t) { t.use_up(5000); }},
    };
    return all;
}

TEST_F(PipelineOrder, LetsInWhereNothingIsWrong) {
    EXPECT_EQ(judge_with({}).reason, Reason::none);
    EXPECT_EQ(limits_->replay.size(), held_before_ + 1) << "the nonce is used up";
    EXPECT_EQ(limits_->replay.size_of(token_.number), 1U);
}

TEST_F(PipelineOrder, TellsEachFaultByItself) {
    for (const Fault& fault : faults()) {
        const Decision decision = judge_with({fault});
        EXPECT_EQ(auth::row(decision.reason).token, auth::row(fault.reason).token);
        EXPECT_EQ(auth::to_token(decision.phase), auth::to_token(fault.phase))
            << auth::row(fault.reason).token;
        EXPECT_EQ(limits_->replay.size(), held_before_)
            << auth::row(fault.reason).token << " left a nonce behind";
    }
}

TEST_F(PipelineOrder, TellsTheFirstOfTwoFaults) {
    for (std::size_t first = 0; first < faults().size(); ++first)
        for (std::size_t second = first + 1; second < faults().size(); ++second) {
            const Fault& told = faults()[first];
            const Fault& hidden = faults()[second];
            EXPECT_EQ(auth::row(judge_with({told, hidden}).reason).token,
                      auth::row(told.reason).token)
                << "with " << auth::row(hidden.reason).token;
        }
}

TEST_F(PipelineOrder, TellsTheFirstOfAllFaultsThatAreLeft) {
    for (std::size_t first = 0; first < faults().size(); ++first) {
        const std::vector<Fault> left(faults().begin() + static_cast<std::ptrdiff_t>(first),
                                      faults().end());
        EXPECT_EQ(auth::row(judge_with(left).reason).token, auth::row(left[0].reason).token);
    }
}

}  // namespace
}  // namespace kwikgate::gateway
