# Builds the console and puts its files into the binary. All of it happens in the build tree: packages come
# from the npm registry at the versions of package-lock.json, and again only when that file changes.
set(output ${CMAKE_CURRENT_BINARY_DIR}/embedded_console.cpp)
set(embed ${CMAKE_CURRENT_SOURCE_DIR}/embed_folder.cmake)
list(APPEND embedded ${output})

if(NOT KWIKGATE_CONSOLE)
  add_custom_command(OUTPUT ${output} COMMAND ${CMAKE_COMMAND} -DOUTPUT=${output} -P ${embed}
                     DEPENDS ${embed} VERBATIM)
  return()
endif()

find_program(NPM_PROGRAM npm REQUIRED)
set(console ${CMAKE_CURRENT_LIST_DIR})
set(workplace ${CMAKE_CURRENT_BINARY_DIR}/console)
set(packages ${console}/package.json ${console}/package-lock.json ${console}/.npmrc)
set(settings ${console}/index.html ${console}/vite.config.ts ${console}/tsconfig.json)
file(GLOB_RECURSE console_sources CONFIGURE_DEPENDS ${console}/src/* ${console}/public/*)

add_custom_command(
  OUTPUT ${workplace}/installed
  COMMAND ${CMAKE_COMMAND} -E make_directory ${workplace}
  COMMAND ${CMAKE_COMMAND} -E copy ${packages} ${workplace}
  COMMAND ${CMAKE_COMMAND} -E chdir ${workplace} ${NPM_PROGRAM} ci --ignore-scripts --loglevel=error
  COMMAND ${CMAKE_COMMAND} -E touch ${workplace}/installed
  DEPENDS ${packages}
  COMMENT "Installing the packages of the console" VERBATIM)
add_custom_command(
  OUTPUT ${output}
  COMMAND ${CMAKE_COMMAND} -E rm -rf ${workplace}/src ${workplace}/public ${workplace}/dist
  COMMAND ${CMAKE_COMMAND} -E copy_directory ${console}/src ${workplace}/src
  COMMAND ${CMAKE_COMMAND} -E copy_directory ${console}/public ${workplace}/public
  COMMAND ${CMAKE_COMMAND} -E copy ${settings} ${workplace}
  COMMAND ${CMAKE_COMMAND} -E chdir ${workplace} ${NPM_PROGRAM} run build --silent
  COMMAND find ${workplace}/dist/assets -type f -exec gzip -9nk {} +
  COMMAND ${CMAKE_COMMAND} -DINPUT=${workplace}/dist -DOUTPUT=${output} -P ${embed}
  DEPENDS ${workplace}/installed ${settings} ${console_sources} ${embed}
  COMMENT "Building the console" VERBATIM)
