# Run as a script: writes a source that holds a file byte for byte behind a function, so that the binary
# needs nothing beside it.
#   cmake -DINPUT=FILE -DOUTPUT=FILE.cpp -DHEADER=declaring.hpp -DNAMESPACE=a::b -DFUNCTION=name -P embed.cmake
file(READ ${INPUT} hex HEX)
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "'\\\\x\\1'," bytes "${hex}")
file(WRITE ${OUTPUT}
"#include \"${HEADER}\"

namespace ${NAMESPACE} {

constexpr char kBytes[] = {${bytes}};

std::string_view ${FUNCTION}() { return {kBytes, sizeof kBytes}; }

}  // namespace ${NAMESPACE}
")
