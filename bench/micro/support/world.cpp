#include "bench/micro/support/world.hpp"

#include <map>
#include <stdexcept>

#include "auth/base64.hpp"
#include "auth/signature/content_digest.hpp"
#include "auth/signature/signer.hpp"
#include "auth/token_service.hpp"
#include "gateway/config/load.hpp"
#include "gateway/http/request_parser.hpp"
#include "store/clock.hpp"

namespace kwikgate::bench {
namespace {

constexpr std::string_view kHost = "gate.test:8080";

store::Store make_store(const std::filesystem::path& directory) {
    auto made = store::Store::create(directory / "store");
    if (!made) throw std::runtime_error("store: " + made.error().message());
    return std::move(*made);
}

gateway::Config kwik_config() {
    auto loaded = gateway::load_config(KWIKGATE_SOURCE_DIR "/configs/minimal.json");
    if (!loaded.ok()) throw std::runtime_error(loaded.problems.front().to_string());
    loaded.config.rate_limit = {1'000'000, 1'000'000};
    for (auto& upstream : loaded.config.upstreams) upstream.servers = {"http://127.0.0.1:9"};
    return loaded.config;
}

std::string request_line(std::string_view method, std::string_view target) {
    return std::string(method) + " " + std::string(target) +
           " HTTP/1.1\r\nHost: " + std::string(kHost) +
           "\r\nUser-Agent: kwik-client/1.4\r\nAccept: application/json\r\n";
}

std::string with_signature(std::string_view method, std::string_view target, std::uint64_t number,
                           std::string_view nonce, const std::string* body) {
    const SyntheticToken token = synthetic_token(number);
    auth::SigningInput input;
    const std::string url = "http://" + std::string(kHost) + std::string(target);
    input.method = method;
    input.url = url;
    if (body != nullptr) input.body = *body;
    input.api_key = token.api_key;
    input.created = store::current_time();
    input.nonce = nonce;
    const auto fields = auth::sign_request(input, auth::derive_hmac_key(token.api_secret));
    if (!fields) throw std::runtime_error("a request cannot be signed");
    std::string text = request_line(method, target);
    if (body != nullptr)
        text +=
            "Content-Type: application/json\r\nContent-Length: " + std::to_string(body->size()) +
            "\r\nContent-Digest: " + fields->content_digest + "\r\n";
    return text + "Signature-Input: " + fields->signature_input +
           "\r\nSignature: " + fields->signature + "\r\n\r\n" + (body != nullptr ? *body : "");
}

}  // namespace

std::uint64_t steady_nanoseconds() {
    return static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch() /
                                      std::chrono::nanoseconds{1});
}

World::World(std::uint64_t count)
    : tokens_(count),
      key_(auth::MasterKey::generate()),
      store_(make_store(directory_.path())),
      sealer_(key_) {
    if (!auth::register_sections(store_, {})) throw std::runtime_error("no sections");
    add_synthetic_tokens(store_, sealer_, count);
    const auto built = gateway::build_runtime(kwik_config(), store_);
    if (built.runtime == nullptr) throw std::runtime_error(built.error);
    runtime_ = built.runtime;
}

World& World::with_tokens(std::uint64_t count) {
    static std::map<std::uint64_t, std::unique_ptr<World>> worlds;
    auto& world = worlds[count];
    if (world == nullptr) world.reset(new World(count));
    return *world;
}

std::string signed_get(std::uint64_t token) {
    return with_signature("GET", "/2.0/customers/list", token, "", nullptr);
}

std::string signed_post(std::uint64_t token, std::string_view body) {
    const std::string owned(body);
    return with_signature("POST", "/2.0/customers/create", token, auth::make_nonce(), &owned);
}

std::string basic_get(std::uint64_t token) {
    const SyntheticToken made = synthetic_token(token);
    const std::string pair = made.api_key + ":" + made.api_secret;
    return request_line("GET", "/2.0/customers/list") + "Authorization: Basic " +
           auth::encode_base64({reinterpret_cast<const std::uint8_t*>(pair.data()), pair.size()}) +
           "\r\n\r\n";
}

void parse_into(std::string_view text, gateway::RequestContext& context) {
    std::size_t resume_at = 0;
    const auto parsed = gateway::http::parse_request_head(text, {}, resume_at, context.head);
    if (parsed.status != gateway::http::ParseStatus::complete)
        throw std::runtime_error("a request cannot be parsed");
    context.take_view();
    context.view.scheme = "http";
}

}  // namespace kwikgate::bench
