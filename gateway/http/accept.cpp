#include "gateway/http/accept.hpp"

#include <cstddef>

#include "gateway/http/char_class.hpp"

namespace kwikgate::gateway::http {
namespace {

/// A quality in thousandths: "1", "0.5", "1.000"; anything else counts as 0 (not acceptable).
int parse_quality(std::string_view text) {
    if (text.empty() || text.size() > 5 || (text[0] != '0' && text[0] != '1')) return 0;
    int quality = text[0] == '1' ? 1000 : 0;
    if (text.size() == 1) return quality;
    if (text[1] != '.') return 0;
    int weight = 100;
    for (const char digit : text.substr(2)) {
        if (!is_class(digit, kDigitChar)) return 0;
        quality += weight * (digit - '0');
        weight /= 10;
    }
    return quality > 1000 ? 0 : quality;
}

int quality_of(std::string_view parameters) {
    while (!parameters.empty()) {
        const std::size_t semicolon = parameters.find(';');
        const std::string_view parameter = trim_ows(parameters.substr(0, semicolon));
        if (parameter.size() >= 2 && to_lower(parameter[0]) == 'q' && parameter[1] == '=')
            return parse_quality(parameter.substr(2));
        if (semicolon == std::string_view::npos) break;
        parameters.remove_prefix(semicolon + 1);
    }
    return 1000;
}

/// Calls `visit(name, quality)` for the first elements of a list with weights.
template <class Visit>
void each_element(std::string_view list, Visit&& visit) {
    constexpr unsigned kMaxElements = 16;
    for (unsigned i = 0; i < kMaxElements && !list.empty(); ++i) {
        const std::size_t comma = list.find(',');
        const std::string_view element = list.substr(0, comma);
        const std::size_t semicolon = element.find(';');
        visit(
            trim_ows(element.substr(0, semicolon)),
            semicolon == std::string_view::npos ? 1000 : quality_of(element.substr(semicolon + 1)));
        if (comma == std::string_view::npos) return;
        list.remove_prefix(comma + 1);
    }
}

/// The most specific range that matches one media type wins.
struct Ranked {
    std::string_view type;
    int specificity = 0;
    int quality = 0;

    void offer(std::string_view range, int range_quality) {
        int found = 0;
        if (equal_ignoring_case(range, type)) found = 3;
        if (equal_ignoring_case(range, "application/*")) found = 2;
        if (range == "*/*") found = 1;
        if (found <= specificity) return;
        specificity = found;
        quality = range_quality;
    }
};

}  // namespace

bool prefers_problem_json(std::string_view accept) {
    Ranked json{"application/json"};
    Ranked problem{"application/problem+json"};
    each_element(accept, [&](std::string_view range, int quality) {
        json.offer(range, quality);
        problem.offer(range, quality);
    });
    return problem.quality > json.quality;
}

bool accepts_coding(std::string_view accept_encoding, std::string_view coding) {
    bool is_accepted = false;
    each_element(accept_encoding, [&](std::string_view named, int quality) {
        if (equal_ignoring_case(named, coding)) is_accepted = quality > 0;
    });
    return is_accepted;
}

}  // namespace kwikgate::gateway::http
