/// Runs a fuzz target without libFuzzer: over every file of the folders given as arguments, over
/// mutations of each, and over pseudo-random inputs. The same inputs every time, so a failure can
/// be repeated.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <random>
#include <vector>

#include "tests/fuzz/fuzz_input.hpp"

namespace {

using Bytes = std::vector<std::uint8_t>;

constexpr int kRandomInputs = 3000;
constexpr int kMutationsPerFile = 50;

/// In an allocation of exactly its size, so that the address sanitizer sees a read beyond it.
void run(const Bytes& input) {
    const Bytes exact(input.begin(), input.end());
    LLVMFuzzerTestOneInput(exact.data(), exact.size());
}

std::size_t below(std::mt19937& random, std::size_t bound) {
    return random() % bound;
}

Bytes mutate(Bytes bytes, std::mt19937& random) {
    for (std::size_t edits = 1 + below(random, 4); edits > 0; --edits) {
        const std::size_t at = below(random, bytes.size() + 1);
        const auto position = bytes.begin() + static_cast<std::ptrdiff_t>(at);
        const auto byte = static_cast<std::uint8_t>(random());
        switch (below(random, 4)) {
            case 0:
                bytes.insert(position, byte);
                break;
            case 1:
                if (at < bytes.size()) bytes.erase(position);
                break;
            case 2:
                if (at < bytes.size()) bytes[at] = byte;
                break;
            default:
                bytes.resize(at);
                break;
        }
    }
    return bytes;
}

/// Half of the bytes come from those that mean something to one parser or another.
Bytes random_input(std::mt19937& random) {
    static constexpr char kMeaningful[] = "\r\n\r\n :/?%.,;=\"{}[]()0159afGETPOST HTTP/1.1";
    Bytes bytes(below(random, 300));
    std::generate(bytes.begin(), bytes.end(), [&random] {
        if (below(random, 2) == 0) return static_cast<std::uint8_t>(random());
        return static_cast<std::uint8_t>(kMeaningful[below(random, sizeof(kMeaningful) - 1)]);
    });
    return bytes;
}

std::vector<std::filesystem::path> files_of(const std::filesystem::path& folder) {
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator{folder})
        if (entry.is_regular_file()) files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    return files;
}

}  // namespace

int main(int argc, char** argv) {
    std::mt19937 random{20260101};
    std::size_t inputs = 0;
    run({});
    for (int i = 1; i < argc; ++i) {
        for (const std::filesystem::path& path : files_of(argv[i])) {
            std::ifstream file{path, std::ios::binary};
            const Bytes bytes{std::istreambuf_iterator<char>{file},
                              std::istreambuf_iterator<char>{}};
            run(bytes);
            for (int n = 0; n < kMutationsPerFile; ++n) run(mutate(bytes, random));
            ++inputs;
        }
    }
    for (int n = 0; n < kRandomInputs; ++n) run(random_input(random));
    std::cout << inputs << " files, " << inputs * kMutationsPerFile << " mutations, "
              << kRandomInputs << " random inputs\n";
    // A corpus that was not found would make this a test of noise only.
    return argc > 1 && inputs == 0 ? 1 : 0;
}
