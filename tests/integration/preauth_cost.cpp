#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "tests/support/preauth_work.hpp"

// Does one kind of work that comes before authentication, for callgrind to count what it costs:
//
//     preauth_cost           prints the kinds, each with its usual size
//     preauth_cost KIND BYTES

// What callgrind counts: with a name of its own, and never a part of its caller.
extern "C" [[gnu::noinline]] unsigned do_preauth_work(const std::function<unsigned()>& work) {
    return work();
}

int main(int count, char** arguments) {
    for (const auto& work : kwikgate::tests::preauth_works()) {
        if (count == 1) {
            std::printf("%.*s %zu\n", static_cast<int>(work.name.size()), work.name.data(),
                        work.bytes);
        } else if (count == 3 && work.name == arguments[1]) {
            const auto run = work.prepare(std::strtoul(arguments[2], nullptr, 10));
            std::printf("%u\n", do_preauth_work(run));
            return 0;
        }
    }
    return count == 1 ? 0 : 2;
}
