#include "bench/load/measurements.hpp"

#include <algorithm>

namespace kwikgate::bench {
namespace {

bool is_expected(Kind kind, unsigned status) {
    if (is_to_be_refused(kind)) return status == 401 || status == 403;
    return status >= 200 && status < 300;
}

}  // namespace

bool Measurements::count(Kind kind, unsigned status, std::string_view reason) {
    const bool is_right = is_expected(kind, status);
    KindCount& counted = kinds[static_cast<std::size_t>(kind)];
    ++counted.sent;
    ++answered;
    if (!is_right) ++unexpected;
    ++counted.answers[{status, std::string(reason)}];
    return is_right;
}

void Measurements::merge(const Measurements& other) {
    latency.merge(other.latency);
    served_latency.merge(other.served_latency);
    for (std::size_t i = 0; i < kKindCount; ++i) {
        kinds[i].sent += other.kinds[i].sent;
        for (const auto& [answer, number] : other.kinds[i].answers)
            kinds[i].answers[answer] += number;
    }
    answered += other.answered;
    unexpected += other.unexpected;
    timed_out += other.timed_out;
    broken += other.broken;
    unanswered += other.unanswered;
    bytes_in += other.bytes_in;
    bytes_out += other.bytes_out;
    seconds = std::max(seconds, other.seconds);
    cpu_seconds = std::max(cpu_seconds, other.cpu_seconds);
}

}  // namespace kwikgate::bench
