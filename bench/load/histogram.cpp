#include "bench/load/histogram.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace kwikgate::bench {
namespace {

constexpr unsigned kStepBits = 8;  // 256 steps an octave.
constexpr std::uint64_t kSteps = std::uint64_t{1} << kStepBits;
constexpr unsigned kMaxBits = 43;  // 2.4 hours; anything longer counts as that.
constexpr std::uint64_t kLongest = (std::uint64_t{1} << kMaxBits) - 1;

}  // namespace

// Below 512 every number is a step of its own; above, the top nine bits tell the step.
std::size_t Histogram::step_of(std::uint64_t nanoseconds) {
    const std::uint64_t value = std::min(nanoseconds, kLongest);
    const unsigned bits = static_cast<unsigned>(std::bit_width(value));
    if (bits <= kStepBits + 1) return static_cast<std::size_t>(value);
    const unsigned shift = bits - kStepBits - 1;
    return static_cast<std::size_t>(shift * kSteps + (value >> shift));
}

std::uint64_t Histogram::upper_end(std::size_t step) {
    if (step < 2 * kSteps) return step;
    const std::size_t shift = step / kSteps - 1;
    const std::uint64_t top = step - shift * kSteps;
    return ((top + 1) << shift) - 1;
}

Histogram::Histogram() : counts_(step_of(kLongest) + 1, 0) {}

void Histogram::record(std::uint64_t nanoseconds) {
    ++counts_[step_of(nanoseconds)];
    ++count_;
    max_ = std::max(max_, nanoseconds);
    sum_ += static_cast<double>(nanoseconds);
}

void Histogram::record_corrected(std::uint64_t nanoseconds, std::uint64_t expected_interval) {
    record(nanoseconds);
    if (expected_interval == 0) return;
    for (std::uint64_t missed = nanoseconds; missed >= 2 * expected_interval;) {
        missed -= expected_interval;
        record(missed);
    }
}

void Histogram::merge(const Histogram& other) {
    for (std::size_t i = 0; i < counts_.size(); ++i) counts_[i] += other.counts_[i];
    count_ += other.count_;
    max_ = std::max(max_, other.max_);
    sum_ += other.sum_;
}

double Histogram::mean() const {
    return count_ == 0 ? 0 : sum_ / static_cast<double>(count_);
}

std::uint64_t Histogram::at_share(double share) const {
    if (count_ == 0) return 0;
    const double wanted = std::ceil(std::clamp(share, 0.0, 1.0) * static_cast<double>(count_));
    const auto rank = std::max<std::uint64_t>(1, static_cast<std::uint64_t>(wanted));
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < counts_.size(); ++i) {
        seen += counts_[i];
        if (seen >= rank) return std::min(upper_end(i), max_);
    }
    return max_;
}

void Histogram::each(const std::function<void(std::uint64_t, std::uint64_t)>& visit) const {
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < counts_.size(); ++i) {
        if (counts_[i] == 0) continue;
        seen += counts_[i];
        visit(std::min(upper_end(i), max_), seen);
    }
}

}  // namespace kwikgate::bench
