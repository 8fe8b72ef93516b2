#include "gateway/http/date_text.hpp"

#include <chrono>
#include <cstddef>

namespace kwikgate::gateway::http {
namespace {

constexpr std::string_view kDays = "SunMonTueWedThuFriSat";
constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";

class Writer {
  public:
    explicit Writer(char* at) : at_(at) {}
    void put(std::string_view text) {
        for (const char c : text) *at_++ = c;
    }
    void put(unsigned number, unsigned digits) {
        for (unsigned i = digits; i > 0; --i, number /= 10)
            at_[i - 1] = static_cast<char>('0' + number % 10);
        at_ += digits;
    }

  private:
    char* at_;
};

}  // namespace

std::string_view DateText::at(store::Timestamp time) {
    const std::int64_t seconds =
        std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
    if (seconds != second_) write(seconds);
    return {text_.data(), text_.size()};
}

void DateText::write(std::int64_t seconds) {
    second_ = seconds;
    const std::chrono::sys_seconds time{std::chrono::seconds(seconds)};
    const auto day = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss clock(time - day);
    const auto number = [](auto value) { return static_cast<unsigned>(value.count()); };
    Writer out(text_.data());
    out.put(kDays.substr(std::size_t{std::chrono::weekday(day).c_encoding()} * 3, 3));
    out.put(", ");
    out.put(static_cast<unsigned>(date.day()), 2);
    out.put(" ");
    out.put(kMonths.substr((std::size_t{static_cast<unsigned>(date.month())} - 1) * 3, 3));
    out.put(" ");
    out.put(static_cast<unsigned>(static_cast<int>(date.year())), 4);
    out.put(" ");
    out.put(number(clock.hours()), 2);
    out.put(":");
    out.put(number(clock.minutes()), 2);
    out.put(":");
    out.put(number(clock.seconds()), 2);
    out.put(" GMT");
}

}  // namespace kwikgate::gateway::http
