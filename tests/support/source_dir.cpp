#include "tests/support/source_dir.hpp"

namespace kwikgate::tests {

std::filesystem::path source_dir() {
    return KWIKGATE_SOURCE_DIR;
}

}  // namespace kwikgate::tests
