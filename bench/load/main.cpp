#include <cstdio>
#include <exception>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <thread>
#include <vector>

#include "bench/load/engine.hpp"
#include "bench/load/open_files.hpp"
#include "bench/load/options.hpp"
#include "bench/load/report.hpp"
#include "bench/support/program.hpp"

namespace kwikgate::bench {
namespace {

Measurements run(const Options& options) {
    std::vector<std::unique_ptr<Engine>> engines;
    for (std::size_t i = 0; i < options.load.threads; ++i) {
        engines.push_back(std::make_unique<Engine>(options.load, options.requests, i));
        engines.back()->connect_all();
    }
    const auto start = std::chrono::steady_clock::now();
    std::vector<std::exception_ptr> failures(engines.size());
    const auto work = [&](std::size_t i) {
        try {
            engines[i]->run(start);
        } catch (...) {
            failures[i] = std::current_exception();
        }
    };
    std::vector<std::thread> threads;
    for (std::size_t i = 1; i < engines.size(); ++i) threads.emplace_back(work, i);
    work(0);
    for (std::thread& thread : threads) thread.join();
    for (const auto& failure : failures)
        if (failure) std::rethrow_exception(failure);
    Measurements all;
    for (const auto& engine : engines) all.merge(engine->measurements());
    return all;
}

void write_file(const std::string& name, const std::string& text) {
    if (name.empty()) return;
    std::ofstream file(name, std::ios::binary);
    file << text;
    if (!file.flush()) throw std::runtime_error("cannot write " + name);
}

/// Says which thresholds were crossed.
bool keeps_thresholds(const Measurements& measured, const Thresholds& thresholds) {
    bool keeps = true;
    const auto check = [&](bool holds, const char* what) {
        if (holds) return;
        std::fprintf(stderr, "kwikgate-load: threshold crossed: %s\n", what);
        keeps = false;
    };
    const auto at = [&](double share) {
        return static_cast<double>(measured.latency.at_share(share)) / 1000;
    };
    if (thresholds.max_p50_us) check(at(0.5) <= *thresholds.max_p50_us, "--max-p50");
    if (thresholds.max_p99_us) check(at(0.99) <= *thresholds.max_p99_us, "--max-p99");
    if (thresholds.min_rate)
        check(static_cast<double>(measured.answered) >= *thresholds.min_rate * measured.seconds,
              "--min-rate");
    if (thresholds.max_errors) check(measured.errors() <= *thresholds.max_errors, "--max-errors");
    return keeps;
}

int main_of(int argc, char** argv) {
    int exit_code = 0;
    const auto options = read_options(argc, argv, exit_code);
    if (!options) return exit_code;
    allow_open_files();
    const Measurements measured = run(*options);
    const std::string json = json_report(measured);
    const std::string text = options->prints_json ? json : text_report(measured);
    std::fputs(text.c_str(), stdout);
    write_file(options->json_file, json);
    if (!options->svg_file.empty())
        write_file(options->svg_file,
                   svg_report(measured, "Latency, " + options->requests.read_target));
    if (measured.answered == 0) throw std::runtime_error("nothing was answered");
    return keeps_thresholds(measured, options->thresholds) ? 0 : 1;
}

}  // namespace
}  // namespace kwikgate::bench

int main(int argc, char** argv) {
    using namespace kwikgate::bench;
    return run_program("kwikgate-load", main_of, argc, argv);
}
