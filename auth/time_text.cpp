#include "auth/time_text.hpp"

#include <algorithm>
#include <chrono>

namespace kwikgate::auth {
namespace {

using store::Timestamp;
using namespace std::chrono;  // NOLINT(google-build-using-namespace): one file about times

/// Reads fixed pieces of a text from left to right; once something did not fit, nothing fits.
class Scanner {
  public:
    explicit Scanner(std::string_view text) : rest_(text) {}

    int digits(std::size_t count) {
        if (rest_.size() < count) return fail();
        int value = 0;
        for (std::size_t i = 0; i < count; ++i) {
            if (rest_[i] < '0' || rest_[i] > '9') return fail();
            value = value * 10 + (rest_[i] - '0');
        }
        rest_.remove_prefix(count);
        return value;
    }
    void expect(char a, char b) {
        if (rest_.empty() || (rest_.front() != a && rest_.front() != b)) {
            fail();
            return;
        }
        rest_.remove_prefix(1);
    }
    char take() {
        if (rest_.empty()) {
            fail();
            return '\0';
        }
        const char c = rest_.front();
        rest_.remove_prefix(1);
        return c;
    }
    /// Milliseconds of an optional fraction.
    int fraction() {
        if (rest_.empty() || rest_.front() != '.') return 0;
        rest_.remove_prefix(1);
        int value = 0;
        std::size_t count = 0;
        for (; count < rest_.size() && rest_[count] >= '0' && rest_[count] <= '9'; ++count)
            if (count < 3) value = value * 10 + (rest_[count] - '0');
        if (count == 0) return fail();
        for (std::size_t i = count; i < 3; ++i) value *= 10;
        rest_.remove_prefix(count);
        return value;
    }
    bool failed() const { return failed_; }
    bool at_end() const { return !failed_ && rest_.empty(); }

  private:
    int fail() {
        failed_ = true;
        rest_ = {};
        return 0;
    }
    std::string_view rest_;
    bool failed_ = false;
};

std::optional<minutes> scan_offset(Scanner& scan) {
    const char sign = scan.take();
    if (sign == 'Z' || sign == 'z') return minutes{0};
    if (sign != '+' && sign != '-') return std::nullopt;
    const int hour = scan.digits(2);
    scan.expect(':', ':');
    const int minute = scan.digits(2);
    if (scan.failed() || hour > 23 || minute > 59) return std::nullopt;
    const minutes offset = hours{hour} + minutes{minute};
    return sign == '-' ? -offset : offset;
}

/// A leap second can only stand at the end of the last minute of a month, in UTC.
bool may_be_leap_second(sys_seconds minute_start) {
    const auto day = floor<days>(minute_start);
    return minute_start - day == hours{23} + minutes{59} &&
           year_month_day{day + days{1}}.day() == std::chrono::day{1};
}

void put_digits(char* out, unsigned value, std::size_t count) {
    for (std::size_t i = count; i > 0; --i, value /= 10)
        out[i - 1] = static_cast<char>('0' + value % 10);
}

}  // namespace

std::optional<Timestamp> parse_timestamp(std::string_view text) {
    Scanner scan(text);
    const int year_number = scan.digits(4);
    scan.expect('-', '-');
    const int month_number = scan.digits(2);
    scan.expect('-', '-');
    const int day_number = scan.digits(2);
    scan.expect('T', 't');
    const int hour = scan.digits(2);
    scan.expect(':', ':');
    const int minute = scan.digits(2);
    scan.expect(':', ':');
    const int second = scan.digits(2);
    const int millisecond = scan.fraction();
    const auto offset = scan_offset(scan);
    if (!offset || !scan.at_end()) return std::nullopt;

    const year_month_day date{year{year_number}, month{static_cast<unsigned>(month_number)},
                              day{static_cast<unsigned>(day_number)}};
    if (!date.ok() || hour > 23 || minute > 59 || second > 60) return std::nullopt;
    const sys_seconds minute_start = sys_days{date} + hours{hour} + minutes{minute} - *offset;
    if (second == 60 && !may_be_leap_second(minute_start)) return std::nullopt;
    return minute_start + seconds{second} + milliseconds{millisecond};
}

std::array<char, kTimestampTextBytes> timestamp_chars(Timestamp time) {
    const Timestamp earliest = sys_days{year{0} / January / 1};
    const Timestamp latest = sys_days{year{10000} / January / 1} - milliseconds{1};
    time = std::clamp(time, earliest, latest);
    const auto midnight = floor<days>(time);
    const year_month_day date{midnight};
    const hh_mm_ss<milliseconds> clock{time - midnight};

    std::array<char, kTimestampTextBytes> out;
    std::string_view("0000-00-00T00:00:00.000Z").copy(out.data(), out.size());
    put_digits(out.data(), static_cast<unsigned>(static_cast<int>(date.year())), 4);
    put_digits(out.data() + 5, static_cast<unsigned>(date.month()), 2);
    put_digits(out.data() + 8, static_cast<unsigned>(date.day()), 2);
    put_digits(out.data() + 11, static_cast<unsigned>(clock.hours().count()), 2);
    put_digits(out.data() + 14, static_cast<unsigned>(clock.minutes().count()), 2);
    put_digits(out.data() + 17, static_cast<unsigned>(clock.seconds().count()), 2);
    put_digits(out.data() + 20, static_cast<unsigned>(clock.subseconds().count()), 3);
    return out;
}

std::string to_text(Timestamp time) {
    const auto chars = timestamp_chars(time);
    return {chars.data(), chars.size()};
}

}  // namespace kwikgate::auth
