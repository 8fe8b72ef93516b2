#include "bench/load/report.hpp"

#include <array>
#include <cinttypes>
#include <cstdarg>
#include <cstdio>

#include "auth/json_text.hpp"

namespace kwikgate::bench {
namespace {

struct Percentile {
    const char* name;
    double share;
};
constexpr std::array<Percentile, 7> kPercentiles = {{{"p50", 0.5},
                                                     {"p75", 0.75},
                                                     {"p90", 0.9},
                                                     {"p95", 0.95},
                                                     {"p99", 0.99},
                                                     {"p99.9", 0.999},
                                                     {"p99.99", 0.9999}}};

__attribute__((format(printf, 2, 3))) void print(std::string& out, const char* format, ...) {
    std::array<char, 256> line;
    va_list arguments;
    va_start(arguments, format);
    const int size = std::vsnprintf(line.data(), line.size(), format, arguments);
    va_end(arguments);
    if (size > 0)
        out.append(line.data(), std::min<std::size_t>(static_cast<std::size_t>(size), 255));
}

double microseconds(std::uint64_t nanoseconds) {
    return static_cast<double>(nanoseconds) / 1000;
}

double rate(const Measurements& measured) {
    return measured.seconds > 0 ? static_cast<double>(measured.answered) / measured.seconds : 0;
}

double cpu_us_per_request(const Measurements& measured) {
    return measured.answered == 0
               ? 0
               : measured.cpu_seconds * 1e6 / static_cast<double>(measured.answered);
}

template <class Visit>
void each_answer(const Measurements& measured, Visit&& visit) {
    for (std::size_t k = 0; k < kKindCount; ++k)
        for (const auto& [answer, number] : measured.kinds[k].answers)
            visit(to_token(static_cast<Kind>(k)), answer.first, answer.second, number);
}

void append_latency(std::string& out, const char* name, const Histogram& latency) {
    print(out, "\"%s\":{\"mean\":%.2f,", name, latency.mean() / 1000);
    for (const auto& [percentile, share] : kPercentiles)
        print(out, "\"%s\":%.2f,", percentile, microseconds(latency.at_share(share)));
    print(out, "\"max\":%.2f},", microseconds(latency.max()));
}

}  // namespace

std::string text_report(const Measurements& measured) {
    std::string out;
    print(out, "%" PRIu64 " answers in %.2f s: %.0f requests/s", measured.answered,
          measured.seconds, rate(measured));
    print(out, ", %.1f MB/s in, %.1f MB/s out\n",
          static_cast<double>(measured.bytes_in) / 1e6 / measured.seconds,
          static_cast<double>(measured.bytes_out) / 1e6 / measured.seconds);
    if (measured.cpu_seconds > 0)
        print(out, "watched processes: %.2f us of CPU a request, %.0f%% of a core\n",
              cpu_us_per_request(measured), 100 * measured.cpu_seconds / measured.seconds);
    print(out, "latency (us): mean %.0f", measured.latency.mean() / 1000);
    for (const auto& [name, share] : kPercentiles)
        print(out, "  %s %.0f", name, microseconds(measured.latency.at_share(share)));
    print(out, "  max %.0f\n", microseconds(measured.latency.max()));
    each_answer(measured, [&](std::string_view kind, unsigned status, const std::string& reason,
                              std::uint64_t number) {
        print(out, "  %-12s %u %-24s %" PRIu64 "\n", std::string(kind).c_str(), status,
              reason.c_str(), number);
    });
    print(out,
          "errors: %" PRIu64 " (unexpected answers %" PRIu64 ", timed out %" PRIu64
          ", broken connections %" PRIu64 ")",
          measured.errors(), measured.unexpected, measured.timed_out, measured.broken);
    print(out, "; unanswered at the end: %" PRIu64 "\n", measured.unanswered);
    return out;
}

std::string json_report(const Measurements& measured) {
    std::string out = "{";
    print(out, "\"seconds\":%.4f,\"answered\":%" PRIu64 ",\"requests_per_second\":%.2f,",
          measured.seconds, measured.answered, rate(measured));
    print(out, "\"cpu_us_per_request\":%.4f,\"cpu_seconds\":%.4f,", cpu_us_per_request(measured),
          measured.cpu_seconds);
    print(out, "\"bytes_in\":%" PRIu64 ",\"bytes_out\":%" PRIu64 ",", measured.bytes_in,
          measured.bytes_out);
    print(out,
          "\"errors\":%" PRIu64 ",\"unexpected\":%" PRIu64 ",\"timed_out\":%" PRIu64
          ",\"broken\":%" PRIu64 ",\"unanswered\":%" PRIu64 ",",
          measured.errors(), measured.unexpected, measured.timed_out, measured.broken,
          measured.unanswered);
    append_latency(out, "latency_us", measured.latency);
    append_latency(out, "served_latency_us", measured.served_latency);
    out += "\"answers\":[";
    bool is_first = true;
    each_answer(measured, [&](std::string_view kind, unsigned status, const std::string& reason,
                              std::uint64_t number) {
        out += is_first ? "{\"kind\":" : ",{\"kind\":";
        is_first = false;
        auth::append_json_string(out, kind);
        print(out, ",\"status\":%u,\"reason\":", status);
        auth::append_json_string(out, reason);
        print(out, ",\"count\":%" PRIu64 "}", number);
    });
    out += "]}\n";
    return out;
}

}  // namespace kwikgate::bench
