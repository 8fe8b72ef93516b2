#include "gateway/cli/cli.hpp"

int main(int argc, char** argv) {
    return kwikgate::gateway::cli::run(argc, argv);
}
