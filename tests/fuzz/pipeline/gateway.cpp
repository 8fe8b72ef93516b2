#include "tests/fuzz/pipeline/gateway.hpp"

#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <random>

#include "auth/token_service.hpp"
#include "gateway/config/load.hpp"
#include "gateway/net/worker.hpp"
#include "tests/fuzz/fuzz_input.hpp"
#include "tests/support/temporary_directory.hpp"

namespace kwikgate::fuzz {
namespace {

constexpr std::string_view kConfig = R"({
    "io_backend": "epoll",
    "listeners": [{"address": "127.0.0.1:1"}],
    "upstreams": {"api": {"servers": ["http://127.0.0.1:1"], "host": "api.example", "retries": 1}},
    "environments": {"live": "api"},
    "rate_limit": {"requests_per_second": 1000000, "burst": 1000000},
    "address_limit": {"enabled": false},
    "replay": {"entries": 1000},
    "tracing": {"endpoint": "http://127.0.0.1:1", "sample_per_million": 500000},
    "limits": {"request_line": "256B", "header": "1KiB", "header_fields": 16, "body": "512B",
               "held_body": "128B", "response_header": "1KiB", "response_header_fields": 16,
               "relay_buffer": "4KiB", "requests_per_connection": 16},
    "routes": [
        {"method": "GET", "path": "/r/{x}", "section": "customers", "access": "read"},
        {"method": "HEAD", "path": "/r/{x}", "section": "customers", "access": "read"},
        {"method": "POST", "path": "/w/{x}", "section": "customers", "access": "write"},
        {"method": "POST", "path": "/json", "section": "customers", "access": "write",
         "check_json": true},
        {"method": "POST", "path": "/form", "section": "customers", "access": "write",
         "schemes": ["public_key"]},
        {"method": "GET", "path": "/other", "section": "payments", "access": "read"}
    ]})";

auth::Timestamp some_time() {
    return auth::Timestamp{std::chrono::milliseconds{1'700'000'000'000}};
}

gateway::Config make_config() {
    const auto loaded = gateway::load_config("/fuzz.json", [&](const std::filesystem::path&) {
        return boost::system::result<std::string>(std::string(kConfig));
    });
    for (const auto& problem : loaded.problems) std::cerr << problem.to_string() << '\n';
    require(loaded.ok(), "the configuration is right");
    return loaded.config;
}

store::Store make_store(const std::filesystem::path& folder) {
    store::StoreOptions options;
    options.map_bytes = std::size_t{16} << 20;
    auto store = store::Store::create(folder / "store", options);
    require(store.has_value(), "there is a store");
    return std::move(*store);
}

std::string issue_token(store::Store& store, const auth::MasterKey& key) {
    require(auth::register_sections(store, {}).has_value(), "sections");
    auth::TokenService service(store, key, "fuzz", some_time);
    auth::ImportItem item;
    item.spec.name = "Fuzz";
    item.spec.sections = std::vector<std::string>{"customers"};
    item.spec.read_write = true;
    item.spec.account = std::string(kAccount);
    item.credentials.emplace();
    item.credentials->api_key = kApiKey;
    item.credentials->api_secret = auth::SecretString(std::string(kApiSecret));
    std::vector<auth::ImportItem> items;
    items.push_back(std::move(item));
    const auto made = service.import(std::move(items));
    require(made.has_value(), "there is a token");
    return made->front().record.id;
}

gateway::BuiltRuntime made_ready(const gateway::Config& config, store::Store& store) {
    auto built = gateway::build_runtime(config, store);
    if (built.runtime == nullptr) std::cerr << built.error << '\n';
    require(built.runtime != nullptr, "the configuration can be served");
    return built;
}

}  // namespace

struct Gateway::State {
    State()
        : store(make_store(folder.path())),
          key(auth::MasterKey::generate()),
          token_id(issue_token(store, key)),
          config(make_config()),
          limits(config.address_limit, config.replay, std::chrono::milliseconds{1'000}),
          usage(store),
          runtime(made_ready(config, store).runtime),
          worker({store, key, limits, access_log, debug_capture, usage, metrics, spans}, runtime) {
        require(access_log.open("/dev/null").empty(), "a place for the access log");
    }

    tests::TemporaryDirectory folder;
    store::Store store;
    auth::MasterKey key;
    std::string token_id;
    gateway::Config config;
    gateway::SharedLimits limits;
    gateway::AccessLog access_log;
    gateway::DebugCapture debug_capture{[](auto work) { work(); },
                                        [](std::string_view, gateway::CaptureEntry&) {}};
    gateway::UsageWriter usage;
    gateway::Metrics metrics;
    gateway::SpanQueue spans{metrics.spans};
    std::shared_ptr<const gateway::Runtime> runtime;
    gateway::net::CurrentListener listener{runtime->listeners.front()};
    gateway::Worker worker;

    bool turn() {
        worker.context().restart();
        return worker.context().poll() != 0;
    }
    std::uint64_t requests_ended() {
        std::uint64_t sum = 0;
        for (const auto& count : worker.metrics().terminations) sum += count.value();
        return sum;
    }
    void close_upstream_connections() {
        gateway::WorkerRuntime* const lease = worker.lease_runtime();
        for (const auto& pool : lease->pools) pool->close_idle();
        lease->release();
    }
};

Gateway::Gateway() : state_(std::make_unique<State>()) {}
Gateway::~Gateway() = default;

const gateway::http::HeadLimits& Gateway::limits() const {
    return state_->worker.head_limits();
}

std::string_view Gateway::token_id() const {
    return state_->token_id;
}

bool Gateway::step(int client, Conversation& conversation) {
    bool has_progress = state_->turn();
    has_progress = upstream_.poll() || has_progress;
    std::array<char, 4096> room;
    while (client >= 0 && !conversation.is_ended) {
        const ssize_t n = ::recv(client, room.data(), room.size(), 0);
        if (n < 0 && errno == EAGAIN) break;
        has_progress = true;
        conversation.is_ended = n <= 0;
        if (n > 0) conversation.received.append(room.data(), static_cast<std::size_t>(n));
    }
    return has_progress;
}

void Gateway::settle(int client, Conversation& conversation) {
    unsigned quiet = 0;
    for (unsigned turns = 0; quiet < 2; ++turns) {
        quiet = step(client, conversation) ? 0 : quiet + 1;
        require(turns < 10'000, "it comes to rest");
    }
}

Conversation Gateway::talk(std::string_view bytes, unsigned seed) {
    std::array<int, 2> ends{};
    require(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()) == 0,
            "a pair of sockets");
    sockaddr_storage peer{};
    auto& address = reinterpret_cast<sockaddr_in&>(peer);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(0xc0000201);  // 192.0.2.1
    const std::uint64_t ended_before = state_->requests_ended();
    state_->worker.accept(ends[1], peer, state_->listener);

    Conversation conversation;
    std::minstd_rand random(seed + 1);
    const std::size_t most = 1 + (seed % 4 == 0 ? bytes.size() : random() % 64);
    while (!bytes.empty() && !conversation.is_ended) {
        const std::string_view piece = bytes.substr(0, 1 + random() % most);
        bytes.remove_prefix(piece.size());
        // It fails where the gateway has closed; the end is seen below.
        (void)::send(ends[0], piece.data(), piece.size(), MSG_NOSIGNAL);
        settle(ends[0], conversation);
    }
    settle(ends[0], conversation);
    // A client that has left is not missed behind requests that it sent ahead: those go on.
    ::close(ends[0]);
    upstream_.stop();
    Conversation rest;
    settle(-1, rest);
    state_->close_upstream_connections();
    settle(-1, rest);
    conversation.requests_ended = state_->requests_ended() - ended_before;
    return conversation;
}

}  // namespace kwikgate::fuzz
