#include "gateway/config/source.hpp"

#include <algorithm>
#include <utility>

namespace kwikgate::gateway {
namespace {

/// How many single-character changes turn one name into the other; two swapped neighbours count
/// one.
std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> before(b.size() + 1);
    std::vector<std::size_t> row(b.size() + 1);
    std::vector<std::size_t> next(b.size() + 1);
    for (std::size_t k = 0; k <= b.size(); ++k) row[k] = k;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        next[0] = i;
        for (std::size_t k = 1; k <= b.size(); ++k) {
            const std::size_t changed = row[k - 1] + (a[i - 1] == b[k - 1] ? 0 : 1);
            next[k] = std::min({row[k] + 1, next[k - 1] + 1, changed});
            const bool is_swap = i > 1 && k > 1 && a[i - 1] == b[k - 2] && a[i - 2] == b[k - 1];
            if (is_swap) next[k] = std::min(next[k], before[k - 2] + 1);
        }
        std::swap(before, row);
        std::swap(row, next);
    }
    return row[b.size()];
}

}  // namespace

std::string ConfigProblem::to_string() const {
    std::string text = file.string();
    if (line != 0) text += ":" + std::to_string(line) + ":" + std::to_string(column);
    text += ": ";
    if (!pointer.empty()) text += pointer + ": ";
    text += message;
    if (!hint.empty()) text += " (" + hint + ")";
    return text;
}

void ProblemList::add(const Place& place, std::string message, std::string hint) {
    add_at(*place.source, place.value->offset, place.pointer, std::move(message), std::move(hint));
}

void ProblemList::add_at(const ConfigSource& source, std::size_t offset, std::string pointer,
                         std::string message, std::string hint) {
    const TextLocation at = source.document.locate(offset);
    found_.push_back({source.order,
                      offset,
                      {source.file, at.line, at.column, std::move(pointer), std::move(message),
                       std::move(hint)}});
}

void ProblemList::add_file(const std::filesystem::path& file, std::string message,
                           std::string hint) {
    found_.push_back({0, 0, {file, 0, 0, {}, std::move(message), std::move(hint)}});
}

std::vector<ConfigProblem> ProblemList::take() {
    std::stable_sort(found_.begin(), found_.end(), [](const Found& a, const Found& b) {
        return std::pair(a.order, a.offset) < std::pair(b.order, b.offset);
    });
    std::vector<ConfigProblem> problems;
    problems.reserve(found_.size());
    for (Found& found : found_) problems.push_back(std::move(found.problem));
    found_.clear();
    return problems;
}

std::string did_you_mean(std::string_view wrong, std::span<const std::string_view> names) {
    constexpr std::size_t kLongestName = 64;
    if (wrong.size() > kLongestName) return {};
    std::string_view best;
    std::size_t best_distance = std::max<std::size_t>(1, wrong.size() / 3) + 1;
    for (const std::string_view name : names) {
        const std::size_t distance = edit_distance(wrong, name);
        if (distance >= best_distance) continue;
        best = name;
        best_distance = distance;
    }
    return best.empty() ? std::string() : "did you mean " + quote(best) + "?";
}

}  // namespace kwikgate::gateway
