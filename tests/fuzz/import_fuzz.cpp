/// Lines of `token import`. Claims: a line is taken or gives a problem at its place, which tells
/// nothing of it that could be a secret.

#include "gateway/cli/ndjson.hpp"
#include "tests/fuzz/fuzz_input.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace kwikgate;
    static const auth::SectionCatalogue sections(
        {{store::SectionId{0}, "customers"}, {store::SectionId{4}, "payments"}});
    std::string_view text = fuzz::as_text(data, size);
    gateway::cli::ImportParser parser(sections);
    std::size_t lines = 0;
    while (!text.empty()) {
        const std::string_view line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(text.size(), line.size() + 1));
        ++lines;
        if (!parser.add_line(line)) break;
    }
    fuzz::require(parser.lines() == lines, "lines are counted");
    fuzz::require(parser.items().size() <= lines, "an item has a line of its own");
    for (std::size_t i = 0; i < parser.items().size(); ++i)
        fuzz::require(parser.line_of(i) >= 1 && parser.line_of(i) <= lines, "an item has a line");
    for (const auto& problem : parser.problems()) {
        fuzz::require(problem.line >= 1 && problem.line <= lines, "a problem has a line");
        fuzz::require(!problem.message.empty(), "a problem is told");
    }
    return 0;
}
