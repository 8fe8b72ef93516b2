# Run as a script (cmake -DOUTPUT=... -DROUTES=... -P embed.cmake): writes a source that holds the Kwik
# route table byte for byte, so that `kwikgate init` and `kwikgate sandbox` need nothing beside the binary.
file(READ ${ROUTES} hex HEX)
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "'\\\\x\\1'," bytes "${hex}")
file(WRITE ${OUTPUT}
"#include \"gateway/cli/embedded_files.hpp\"

namespace kwikgate::gateway::cli {

constexpr char kKwikRoutes[] = {${bytes}};

std::string_view kwik_routes() { return {kKwikRoutes, sizeof kKwikRoutes}; }

}  // namespace kwikgate::gateway::cli
")
