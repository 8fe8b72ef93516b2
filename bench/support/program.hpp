#pragma once

#include <cstdio>
#include <exception>

namespace kwikgate::bench {

/// What main() does: `body`, and what it throws told on standard error, with exit status 1.
inline int run_program(const char* name, int (*body)(int, char**), int argc, char** argv) {
    try {
        return body(argc, argv);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "%s: %s\n", name, error.what());
        return 1;
    }
}

}  // namespace kwikgate::bench
