#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "bench/load/report.hpp"

namespace kwikgate::bench {
namespace {

constexpr double kWidth = 720;
constexpr double kHeight = 400;
constexpr double kLeft = 70;
constexpr double kRight = 20;
constexpr double kTop = 40;
constexpr double kBottom = 50;
constexpr double kNines = 4;  // The axis ends at 99.99%.

struct Scale {
    double low;  // Powers of ten.
    double high;
    double x(double share) const {
        const double nines = std::min(kNines, share >= 1 ? kNines : -std::log10(1 - share));
        return kLeft + nines / kNines * (kWidth - kLeft - kRight);
    }
    double y(double microseconds) const {
        const double at = (std::log10(std::max(microseconds, 1e-3)) - low) / (high - low);
        return kHeight - kBottom - std::clamp(at, 0.0, 1.0) * (kHeight - kTop - kBottom);
    }
};

template <class... Arguments>
void print(std::string& out, const char* format, Arguments... arguments) {
    std::array<char, 256> line;
    const int size = std::snprintf(line.data(), line.size(), format, arguments...);
    if (size > 0)
        out.append(line.data(), std::min(static_cast<std::size_t>(size), line.size() - 1));
}

void escape(std::string& out, std::string_view text) {
    for (const char c : text) {
        if (c == '<') {
            out += "&lt;";
        } else if (c == '&') {
            out += "&amp;";
        } else {
            out += c;
        }
    }
}

void draw_axes(std::string& out, const Scale& scale) {
    constexpr std::array<std::pair<double, const char*>, 5> kMarks = {
        {{0, "0%"}, {0.9, "90%"}, {0.99, "99%"}, {0.999, "99.9%"}, {0.9999, "99.99%"}}};
    for (const auto& [share, label] : kMarks) {
        print(out, "<line x1='%.1f' y1='%.1f' x2='%.1f' y2='%.1f' stroke='#ddd'/>", scale.x(share),
              kTop, scale.x(share), kHeight - kBottom);
        print(out, "<text x='%.1f' y='%.1f' text-anchor='middle'>%s</text>\n", scale.x(share),
              kHeight - kBottom + 18, label);
    }
    for (int power = static_cast<int>(scale.low); power <= static_cast<int>(scale.high); ++power) {
        const double value = std::pow(10, power);
        print(out, "<line x1='%.1f' y1='%.1f' x2='%.1f' y2='%.1f' stroke='#ddd'/>", kLeft,
              scale.y(value), kWidth - kRight, scale.y(value));
        print(out, "<text x='%.1f' y='%.1f' text-anchor='end'>%g us</text>\n", kLeft - 6,
              scale.y(value) + 4, value);
    }
}

}  // namespace

std::string svg_report(const Measurements& measured, std::string_view title) {
    const double lowest = static_cast<double>(measured.latency.at_share(0)) / 1000;
    const double highest = static_cast<double>(measured.latency.max()) / 1000;
    Scale scale{std::floor(std::log10(std::max(lowest, 1.0))),
                std::ceil(std::log10(std::max(highest, 10.0)))};
    if (scale.high <= scale.low) scale.high = scale.low + 1;
    std::string out;
    print(out,
          "<svg xmlns='http://www.w3.org/2000/svg' width='%g' height='%g' "
          "font-family='sans-serif' font-size='12'>\n<rect width='100%%' height='100%%' "
          "fill='white'/>\n",
          kWidth, kHeight);
    print(out, "<text x='%g' y='24' font-size='14'>", kLeft);
    escape(out, title);
    out += "</text>\n";
    draw_axes(out, scale);
    out += "<polyline fill='none' stroke='#0b62a4' stroke-width='2' points='";
    const auto total = static_cast<double>(measured.latency.count());
    double drawn_x = -kWidth;
    double drawn_y = -kHeight;
    measured.latency.each([&](std::uint64_t nanoseconds, std::uint64_t cumulative) {
        const double x = scale.x(static_cast<double>(cumulative) / total);
        const double y = scale.y(static_cast<double>(nanoseconds) / 1000);
        if (std::abs(x - drawn_x) + std::abs(y - drawn_y) < 1) return;  // The same pixel.
        print(out, "%.1f,%.1f ", x, y);
        drawn_x = x;
        drawn_y = y;
    });
    out += "'/>\n";
    print(out,
          "<text x='%g' y='%g' text-anchor='middle'>share of requests answered within the "
          "time</text>\n</svg>\n",
          kLeft + (kWidth - kLeft - kRight) / 2, kHeight - 12);
    return out;
}

}  // namespace kwikgate::bench
