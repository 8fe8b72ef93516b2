#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <fstream>
#include <stdexcept>

#include "auth/token_service.hpp"
#include "bench/support/program.hpp"
#include "bench/support/token_population.hpp"

// Fills a store made by `kwikgate init` with synthetic tokens and writes credentials of some of
// them, spread over all, for kwikgate-load.
namespace kwikgate::bench {
namespace {

struct Flags {
    std::string store;
    std::string master_key;
    std::uint64_t tokens = 1000;
    std::string sample;
    std::uint64_t sample_size = 1000;
};

void populate(const Flags& flags) {
    auto key = auth::MasterKey::load(flags.master_key);
    if (!key) throw std::runtime_error("master key: " + key.error().message());
    auto store = store::Store::open(flags.store);
    if (!store) throw std::runtime_error("store: " + store.error().message());
    if (!auth::bind_master_key(*store, *key) || !auth::register_sections(*store, {}))
        throw std::runtime_error("this is not the store's master key");
    auth::Sealer sealer(*key);
    std::ofstream sample(flags.sample);
    if (!sample) throw std::runtime_error("cannot write " + flags.sample);
    const bool is_terminal = ::isatty(STDERR_FILENO) == 1;
    const std::string all = std::to_string(flags.tokens);
    add_synthetic_tokens(*store, sealer, flags.tokens, [&](std::uint64_t done) {
        if (is_terminal)
            std::fprintf(stderr, "\r%s of %s tokens", std::to_string(done).c_str(), all.c_str());
    });
    if (is_terminal) std::fputc('\n', stderr);
    const std::uint64_t size = std::min(flags.sample_size, flags.tokens);
    for (std::uint64_t i = 0; i < size; ++i) {
        const SyntheticToken token = synthetic_token(i * (flags.tokens / size));
        sample << R"({"api_key":")" << token.api_key << R"(","api_secret":")" << token.api_secret
               << "\"}\n";
    }
    if (!sample.flush()) throw std::runtime_error("cannot write " + flags.sample);
}

int main_of(int argc, char** argv) {
    CLI::App app("Fills a store with synthetic tokens, for measuring only");
    Flags flags;
    app.add_option("--store", flags.store, "Directory of the store")->required();
    app.add_option("--master-key", flags.master_key, "File of the master key")->required();
    app.add_option("--tokens", flags.tokens, "How many")
        ->capture_default_str()
        ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{100'000'000}));
    app.add_option("--sample", flags.sample, "File for credentials of some of them")->required();
    app.add_option("--sample-size", flags.sample_size, "How many of those")
        ->capture_default_str()
        ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1'000'000}));
    CLI11_PARSE(app, argc, argv);
    populate(flags);
    return 0;
}

}  // namespace
}  // namespace kwikgate::bench

int main(int argc, char** argv) {
    using namespace kwikgate::bench;
    return run_program("kwikgate-populate", main_of, argc, argv);
}
