# Run as a script: writes a source that holds every file of a folder, named by its path in it.
#   cmake -DINPUT=FOLDER -DOUTPUT=FILE.cpp -P embed_folder.cmake
# Without a folder there are no files.
set(arrays "")
set(rows "")
set(count 0)
if(INPUT)
  file(GLOB_RECURSE names RELATIVE ${INPUT} ${INPUT}/*)
  list(SORT names)
endif()
foreach(name IN LISTS names)
  file(READ ${INPUT}/${name} hex HEX)
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "'\\\\x\\1'," bytes "${hex}")
  string(APPEND arrays "constexpr char kBytes${count}[] = {${bytes}};\n")
  string(APPEND rows "        {\"/${name}\", {kBytes${count}, sizeof kBytes${count}}},\n")
  math(EXPR count "${count} + 1")
endforeach()
if(INPUT AND count EQUAL 0)
  message(FATAL_ERROR "${INPUT} holds nothing")
endif()
file(WRITE ${OUTPUT}
"#include \"gateway/admin/console.hpp\"

namespace kwikgate::gateway::admin {
namespace {

${arrays}
}  // namespace

std::span<const ConsoleFile> console_files() {
    static const std::vector<ConsoleFile> kFiles = {
${rows}    };
    return kFiles;
}

}  // namespace kwikgate::gateway::admin
")
