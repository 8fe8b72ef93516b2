#include "bench/micro/support/allocations.hpp"
#include "bench/micro/support/world.hpp"
#include "gateway/http/request_parser.hpp"
#include "gateway/http/response_parser.hpp"
#include "gateway/http/target.hpp"

namespace kwikgate::bench {
namespace {

namespace http = gateway::http;

/// Head and every message rule.
void parse(benchmark::State& state, const std::string& text) {
    http::RequestHead head;
    head.fields.reserve(64);
    const AllocationCount allocations;
    for (auto _ : state) {
        std::size_t resume_at = 0;
        const auto result = http::parse_request_head(text, {}, resume_at, head);
        if (result.status != http::ParseStatus::complete) state.SkipWithError("refused");
        benchmark::DoNotOptimize(head.head_bytes);
    }
    allocations.report(state);
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}

void parse_signed_get(benchmark::State& state) {
    parse(state, signed_get(1));
}
BENCHMARK(parse_signed_get);

void parse_basic_get(benchmark::State& state) {
    parse(state, basic_get(1));
}
BENCHMARK(parse_basic_get);

void parse_browser_get(benchmark::State& state) {
    parse(state,
          "GET /2.0/customers/list?page=2 HTTP/1.1\r\nHost: gate.test\r\n"
          "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
          "Chrome/120.0.0.0 Safari/537.36\r\nAccept: text/html,application/xhtml+xml,"
          "application/xml;q=0.9,image/webp,*/*;q=0.8\r\nAccept-Language: en-GB,en;q=0.5\r\n"
          "Accept-Encoding: gzip, deflate, br\r\nReferer: https://shop.example/checkout\r\n"
          "Cookie: session=0123456789abcdef0123456789abcdef; theme=dark; locale=en\r\n"
          "Sec-Fetch-Dest: document\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Site: same-origin\r\n"
          "Connection: keep-alive\r\nCache-Control: max-age=0\r\n\r\n");
}
BENCHMARK(parse_browser_get);

void parse_answer(benchmark::State& state) {
    http::ResponseHead head;
    head.fields.reserve(64);
    const AllocationCount allocations;
    for (auto _ : state) {
        std::size_t resume_at = 0;
        const auto status =
            http::parse_response_head(kAnswerHead, {32768, 32768, 200}, false, resume_at, head);
        if (status != http::ParseStatus::complete) state.SkipWithError("refused");
    }
    allocations.report(state);
}
BENCHMARK(parse_answer);

void split_target(benchmark::State& state) {
    const AllocationCount allocations;
    for (auto _ : state) {
        auto parts = http::split_target("/2.0/transactions/record/inv%2F2024-001?page=2&limit=100");
        benchmark::DoNotOptimize(parts);
    }
    allocations.report(state);
}
BENCHMARK(split_target);

}  // namespace
}  // namespace kwikgate::bench
