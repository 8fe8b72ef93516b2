/// Any bytes as what a client sends, split anywhere, through a real connection, the pipeline and
/// the pool to an upstream that answers well or badly.
///
/// The first byte chooses how the bytes are split, the second how the upstream answers; what
/// follows 0xff 0xff is the upstream's answer where that is to be taken from the input. Claims:
/// every request is answered once, in order, by well-formed HTTP, and counted once; only complete
/// messages that a client sent with the right credential reach the upstream as such, each once, in
/// order, without the credential and with our identity headers alone; after an error of framing
/// the connection is closed.

#include <algorithm>
#include <cctype>
#include <string>

#include "auth/base64.hpp"
#include "gateway/http/header_rules.hpp"
#include "tests/fuzz/fuzz_input.hpp"
#include "tests/fuzz/pipeline/gateway.hpp"
#include "tests/fuzz/pipeline/messages.hpp"

namespace {

using namespace kwikgate;
using namespace kwikgate::fuzz;

constexpr std::size_t kHeldBody = 128;

const std::string& right_credential() {
    static const std::string text = [] {
        const std::string plain = std::string(kApiKey) + ":" + std::string(kApiSecret);
        return auth::encode_base64(
            std::span(reinterpret_cast<const std::uint8_t*>(plain.data()), plain.size()));
    }();
    return text;
}

std::string lower(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return text;
}

void check_fields(const Seen& seen, const Gateway& gateway) {
    unsigned identities = 0;
    for (const auto& [name, value] : seen.fields) {
        const std::string known = lower(name);
        require(known != "authorization" && known != "signature" && known != "signature-input",
                "credentials stay here");
        if (!gateway::http::is_identity_header(name)) continue;
        ++identities;
        const std::string_view expected = known == "x-kwik-token"         ? gateway.token_id()
                                          : known == "x-kwik-account"     ? kAccount
                                          : known == "x-kwik-environment" ? "live"
                                          : known == "x-kwik-section"     ? "customers"
                                          : known == "x-kwik-scheme"      ? "basic"
                                          : known != "x-kwik-access"      ? "none of ours"
                                          : seen.method == "POST"         ? "write"
                                                                          : "read";
        require(value == expected, "an identity header says who it is");
    }
    require(identities == 6, "all identity headers are there, once");
}

/// Each message is one that was sent whole, in order, with the right credential.
void check_upstream(const SentStream& sent, Gateway& gateway, bool is_retried) {
    std::size_t next = 0;
    for (const Seen& seen : gateway.upstream().seen()) {
        const auto is_that = [&](const Sent& request) {
            return request.is_complete && request.method == seen.method &&
                   request.target == seen.target && request.body == seen.body &&
                   request.authorization.ends_with(right_credential());
        };
        const bool is_again =
            is_retried && seen.method != "POST" && next > 0 && is_that(sent.requests[next - 1]);
        while (!is_again && next < sent.requests.size() && !is_that(sent.requests[next])) ++next;
        require(next < sent.requests.size() || is_again, "no other message reaches the upstream");
        if (!is_again) ++next;
        check_fields(seen, gateway);
    }
}

void check_answers(const SentStream& sent, const std::vector<Answer>& answers, bool is_ended,
                   bool answers_well) {
    const std::size_t heads = sent.requests.size();
    require(answers.size() <= heads + (sent.is_refused ? 1 : 0), "no answer without a request");
    for (std::size_t i = 0; i < answers.size(); ++i) {
        const bool is_at_end = i + 1 == answers.size();
        require(!answers[i].is_last || is_at_end, "nothing comes behind the last answer");
        require(answers[i].is_complete || (is_at_end && !answers_well), "an answer is whole");
        if (i == heads) require(answers[i].status >= 400, "what is no request is refused");
        if (i == heads) require(answers[i].is_last && is_ended, "and ends the connection");
        if (i == heads || !answers_well || !answers[i].is_of_upstream) continue;
        const Sent& request = sent.requests[i];
        const bool has_body = request.method != "HEAD" && answers[i].status != 204;
        require(!has_body || answers[i].body == Upstream::body_for(request.method, request.target),
                "an answer goes to its request");
    }
    const bool is_over = !answers.empty() && answers.back().is_last;
    require(!is_over || !answers.back().is_complete || is_ended, "a last answer ends it");
    if (!sent.requests.empty() && sent.requests.back().is_broken)
        require(is_ended || !answers_well, "a body in bad framing ends the connection");
    if (!answers_well || is_over) return;
    // A body that was not wanted is read past, up to `held_body`; then the connection ends.
    const bool is_cut = is_ended && !answers.empty() && answers.size() <= heads &&
                        sent.requests[answers.size() - 1].body.size() > kHeldBody;
    require(is_cut || !is_ended || answers.size() > heads ||
                (heads != 0 && !sent.requests.back().is_complete),
            "a connection ends for a reason");
    if (is_cut) return;
    const auto whole = static_cast<std::size_t>(
        std::count_if(sent.requests.begin(), sent.requests.end(),
                      [](const Sent& request) { return request.is_complete; }));
    require(answers.size() >= whole, "every request is answered");
    require(!sent.is_refused || !sent.has_whole_head || answers.size() == heads + 1,
            "what is no request is answered");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static Gateway gateway;
    std::string_view text = as_text(data, size);
    const auto seed = static_cast<unsigned>(take_byte(text));
    const auto way = static_cast<Way>(take_byte(text) % kWays);
    const std::size_t mark = text.find("\xff\xff");
    const std::string_view raw = mark < text.size() ? text.substr(mark + 2) : std::string_view();
    text = text.substr(0, mark);

    gateway.upstream().restart(way, raw);
    const SentStream sent = read_sent(text, gateway.limits());
    const Conversation conversation = gateway.talk(text, seed);
    const auto answers = read_answers(conversation.received, sent, conversation.is_ended);
    const bool answers_well = way < Way::raw;
    check_upstream(sent, gateway, !answers_well);
    check_answers(sent, answers, conversation.is_ended, answers_well);
    require(conversation.requests_ended >= answers.size(), "every answer is counted");
    require(conversation.requests_ended <= sent.requests.size() + (sent.is_refused ? 1 : 0),
            "nothing is counted twice");
    return 0;
}
