// Whatever is pasted to be explained: it is a request, a capture or an error, and nothing of it is
// in an error or a note.

#include <string>

#include "gateway/pasted/pasted_request.hpp"
#include "tests/fuzz/fuzz_input.hpp"

namespace kwikgate {
namespace {

constexpr std::string_view kMark = "Zq9PlantedSecretZq9";

void check(std::string_view text) {
    const auto request = gateway::read_pasted(text);
    fuzz::require(request.error.empty() || request.raw.empty(), "a request or an error");
    for (const std::string& note : request.notes)
        fuzz::require(note.find(kMark) == std::string::npos, "notes repeat nothing");
    fuzz::require(request.error.find(kMark) == std::string::npos, "errors repeat nothing");
    const bool is_made =
        request.error.empty() && !request.capture && request.format != gateway::PastedFormat::raw;
    if (is_made) fuzz::require(request.raw.find("\r\n\r\n") != std::string::npos, "a whole head");
}

}  // namespace
}  // namespace kwikgate

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(reinterpret_cast<const char*>(data), size);
    kwikgate::check(text);
    // The same with a secret in every place that a space marks.
    std::string planted;
    for (const char c : text) {
        planted += c;
        if (c == ' ') planted += kwikgate::kMark;
    }
    kwikgate::check(planted);
    return 0;
}
