#include <benchmark/benchmark.h>

#include <string>

#include "gateway/http/json_check.hpp"

/// What a route with check_json pays for a body, by its size and by what is in it.
namespace kwikgate::bench {
namespace {

std::string repeated(std::string_view member, std::size_t bytes) {
    std::string body = "{\"items\":[";
    while (body.size() + member.size() + 3 < bytes) body.append(member).append(",");
    body.back() = ']';
    return body + "}";
}

constexpr std::string_view kPayment =
    R"({"reference":"INV-2027-000123","amount":1999.50,"currency":"ZAR","is_paid":false})";
constexpr std::string_view kText =
    R"({"description":"Payment for two tickets, booked on the first of March, row twelve, near the aisle"})";
constexpr std::string_view kThai = "{\"ชื่อ\":\"การชำระเงินสำหรับตั๋วสองใบที่จองไว้\"}";
constexpr std::string_view kEscapes = R"({"a\u0041b":"\"\\\/\b\f\n\r\t\ud83d\ude00"})";
constexpr std::string_view kNumbers = "[0,-1,12.5,1e400,25000000000000000000]";
constexpr std::string_view kShort = R"(["","","","","","","",""])";

void check_json(benchmark::State& state, std::string_view member) {
    const std::string body = repeated(member, static_cast<std::size_t>(state.range(0)));
    gateway::http::JsonCheck check;
    for (auto _ : state) benchmark::DoNotOptimize(check.is_valid(body));
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(body.size()));
}

BENCHMARK_CAPTURE(check_json, payment, kPayment)->Arg(256)->Arg(1024)->Arg(65536);
BENCHMARK_CAPTURE(check_json, text, kText)->Arg(1024)->Arg(65536);
BENCHMARK_CAPTURE(check_json, thai, kThai)->Arg(65536);
BENCHMARK_CAPTURE(check_json, escapes, kEscapes)->Arg(65536);
BENCHMARK_CAPTURE(check_json, numbers, kNumbers)->Arg(65536);
BENCHMARK_CAPTURE(check_json, short_strings, kShort)->Arg(65536);

}  // namespace
}  // namespace kwikgate::bench
