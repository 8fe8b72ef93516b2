#include "gateway/config/field_table.hpp"

#include <cstdlib>

#include "gateway/config/units.hpp"

namespace kwikgate::gateway {
namespace {

/// The one variable that a path may start with: systemd sets it to where LoadCredential= puts
/// files.
constexpr std::string_view kCredentials = "CREDENTIALS_DIRECTORY";

}  // namespace

bool expect_kind(ProblemList& problems, const Place& place, JsonKind kind) {
    if (place.value->kind == kind) return true;
    problems.add(place, "must be " + std::string(with_article(kind)) + ", not " +
                            std::string(with_article(place.value->kind)));
    return false;
}

bool read_text(ProblemList& problems, const Place& place, std::string& out) {
    constexpr std::size_t kLongest = 4096;
    if (!expect_kind(problems, place, JsonKind::string)) return false;
    const std::string& text = place.value->text;
    if (text.size() > kLongest) {
        problems.add(place, "is longer than 4096 bytes");
        return false;
    }
    const bool has_control = std::any_of(text.begin(), text.end(), [](char c) {
        return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
    });
    if (has_control) {
        problems.add(place, "holds a control character");
        return false;
    }
    out = text;
    return true;
}

bool read_text(ProblemList& problems, const Place& place, std::string& out,
               TextProblem (*check)(std::string_view)) {
    std::string text;
    if (!read_text(problems, place, text)) return false;
    if (const TextProblem problem = check(text)) {
        problems.add(place, *problem);
        return false;
    }
    out = std::move(text);
    return true;
}

bool read_flag(ProblemList& problems, const Place& place, bool& out) {
    if (!expect_kind(problems, place, JsonKind::boolean)) return false;
    out = place.value->boolean;
    return true;
}

bool read_duration(ProblemList& problems, const Place& place, std::chrono::milliseconds least,
                   std::chrono::milliseconds most, std::chrono::milliseconds& out) {
    const auto duration =
        place.value->kind == JsonKind::string ? parse_duration(place.value->text) : std::nullopt;
    if (!duration) {
        problems.add(place, "must be a duration: a string of an integer and ms, s, m or h",
                     "such as \"500ms\" or \"30s\"");
        return false;
    }
    if (*duration < least || *duration > most) {
        problems.add(place, "is out of range: " + duration_bounds(least, most));
        return false;
    }
    out = *duration;
    return true;
}

bool read_size(ProblemList& problems, const Place& place, std::size_t least, std::size_t most,
               std::size_t& out) {
    const auto size =
        place.value->kind == JsonKind::string ? parse_size(place.value->text) : std::nullopt;
    if (!size) {
        problems.add(place, "must be a size: a string of an integer and B, KiB, MiB, GiB or TiB",
                     "such as \"512B\" or \"64KiB\"");
        return false;
    }
    if (*size < least || *size > most) {
        problems.add(place, "is out of range: " + size_bounds(least, most));
        return false;
    }
    out = *size;
    return true;
}

bool read_count(ProblemList& problems, const Place& place, std::uint64_t least, std::uint64_t most,
                std::uint64_t& out) {
    if (!expect_kind(problems, place, JsonKind::integer)) return false;
    const std::int64_t number = place.value->integer;
    if (number < 0 || static_cast<std::uint64_t>(number) < least ||
        static_cast<std::uint64_t>(number) > most) {
        problems.add(place, "is out of range: " + count_bounds(least, most));
        return false;
    }
    out = static_cast<std::uint64_t>(number);
    return true;
}

bool read_path(ProblemList& problems, const Place& place, bool may_be_empty,
               std::filesystem::path& out) {
    std::string text;
    if (!read_text(problems, place, text)) return false;
    if (text.empty() && !may_be_empty) {
        problems.add(place, "is empty");
        return false;
    }
    if (!text.starts_with('$')) {
        out = text;
        return true;
    }
    const std::string_view rest = std::string_view(text).substr(1);
    if (!rest.starts_with(kCredentials) || !rest.substr(kCredentials.size()).starts_with('/')) {
        problems.add(place, "may start with one variable only: $CREDENTIALS_DIRECTORY/");
        return false;
    }
    const char* directory = std::getenv("CREDENTIALS_DIRECTORY");
    if (directory == nullptr || *directory != '/') {
        problems.add(place, "CREDENTIALS_DIRECTORY is not set in the environment",
                     "systemd sets it for a unit with LoadCredential=; for a command set it to the "
                     "directory of the file");
        return false;
    }
    out = std::filesystem::path(directory) / rest.substr(kCredentials.size() + 1);
    return true;
}

std::size_t read_choice(ProblemList& problems, const Place& place,
                        std::span<const std::string_view> names) {
    std::string text;
    if (!read_text(problems, place, text)) return names.size();
    const auto found = std::find(names.begin(), names.end(), text);
    if (found == names.end()) {
        std::string list;
        for (const std::string_view name : names)
            list += (list.empty() ? "" : ", ") + std::string(name);
        problems.add(place, "must be one of " + list, did_you_mean(text, names));
    }
    return static_cast<std::size_t>(found - names.begin());
}

void read_texts(ProblemList& problems, const Place& place, TextProblem (*check)(std::string_view),
                std::size_t most, std::vector<std::string>& out) {
    if (!expect_kind(problems, place, JsonKind::array)) return;
    if (place.value->items.size() > most) {
        problems.add(place, "holds more than " + std::to_string(most) + " entries");
        return;
    }
    std::vector<std::string> texts;
    for (std::size_t i = 0; i < place.value->items.size(); ++i) {
        const Place item = place.item(i);
        std::string text;
        if (!read_text(problems, item, text, check)) continue;
        if (std::find(texts.begin(), texts.end(), text) != texts.end())
            problems.add(item, "stands in the list twice");
        else
            texts.push_back(std::move(text));
    }
    out = std::move(texts);
}

void report_unknown(ProblemList& problems, const Place& object, const JsonMember& member,
                    std::span<const std::string_view> known) {
    problems.add_at(*object.source, member.offset, extend_pointer(object.pointer, member.name),
                    "unknown key " + quote(member.name), did_you_mean(member.name, known));
}

void report_missing(ProblemList& problems, const Place& object, std::string_view key) {
    problems.add(object, quote(key) + " is missing");
}

std::string duration_bounds(std::chrono::milliseconds least, std::chrono::milliseconds most) {
    return format_duration(least) + " to " + format_duration(most);
}

std::string size_bounds(std::size_t least, std::size_t most) {
    return format_size(least) + " to " + format_size(most);
}

std::string count_bounds(std::uint64_t least, std::uint64_t most) {
    return std::to_string(least) + " to " + std::to_string(most);
}

}  // namespace kwikgate::gateway
