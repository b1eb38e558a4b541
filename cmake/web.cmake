# The page: web/ built by Node into one folder, then embedded in the program.
#
# saerok_page_sources(OUT): the generated .cpp files. Without a Node that is new enough, and with
# SAEROK_PAGE=OFF, the program has no page and says so at its address.
option(SAEROK_PAGE "Build the page of the daemon" ON)

# Node on the PATH if it is new enough, else the one that third_party/fetch brings (Linux, x86-64).
function(saerok_find_node result)
  find_program(SAEROK_NODE node)
  if(SAEROK_NODE)
    execute_process(COMMAND ${SAEROK_NODE} --version OUTPUT_VARIABLE version
                    OUTPUT_STRIP_TRAILING_WHITESPACE)
    string(REGEX REPLACE "^v" "" version "${version}")
    if(version VERSION_GREATER_EQUAL 20.19)
      set(${result} ${SAEROK_NODE} PARENT_SCOPE)
      return()
    endif()
  endif()
  if(CMAKE_SYSTEM_NAME STREQUAL "Linux" AND CMAKE_SYSTEM_PROCESSOR STREQUAL "x86_64")
    saerok_third_party(node SAEROK_NODE_DIR)
    set(${result} ${SAEROK_NODE_DIR}/bin/node PARENT_SCOPE)
    return()
  endif()
  message(WARNING "The page needs Node 20.19 or newer; without it the program has no page")
  set(${result} "" PARENT_SCOPE)
endfunction()

function(saerok_page_sources out)
  find_package(Python3 REQUIRED COMPONENTS Interpreter)
  set(embed ${PROJECT_SOURCE_DIR}/cmake/embed_files.py)
  set(openapi ${CMAKE_CURRENT_BINARY_DIR}/openapi_document.cpp)
  file(GLOB schemas CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/docs/schema/*.json)
  add_custom_command(OUTPUT ${openapi}
    COMMAND ${Python3_EXECUTABLE} ${embed} openapi ${openapi} ${PROJECT_SOURCE_DIR}/docs/openapi.json
    DEPENDS ${embed} ${PROJECT_SOURCE_DIR}/docs/openapi.json ${schemas} VERBATIM)

  set(page ${CMAKE_CURRENT_BINARY_DIR}/page_files.cpp)
  set(built ${CMAKE_CURRENT_BINARY_DIR}/page)
  set(web ${PROJECT_SOURCE_DIR}/web)
  set(node "")
  if(SAEROK_PAGE AND EXISTS ${web}/package-lock.json)
    saerok_find_node(node)
  endif()
  if(node)
    file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${web}/src/* ${web}/public/*)
    cmake_path(GET node PARENT_PATH node_folder)
    set(with_node ${CMAKE_COMMAND} -E env "PATH=${node_folder}:$ENV{PATH}")
    set(installed ${CMAKE_CURRENT_BINARY_DIR}/npm_ci.stamp)
    add_custom_command(OUTPUT ${installed}
      COMMAND ${with_node} npm ci --silent --no-audit --no-fund --prefix ${web}
      COMMAND ${CMAKE_COMMAND} -E touch ${installed}
      DEPENDS ${web}/package-lock.json ${web}/package.json
      COMMENT "Installing what builds the page" VERBATIM)
    add_custom_command(OUTPUT ${page}
      COMMAND ${with_node} npm run --silent build --prefix ${web} -- --logLevel warn
              --outDir ${built} --emptyOutDir
      COMMAND ${Python3_EXECUTABLE} ${embed} page ${page} ${built}
      COMMAND ${CMAKE_COMMAND} -E copy ${web}/node_modules/svelte/LICENSE.md
              ${CMAKE_CURRENT_BINARY_DIR}/page_licence/LICENSE
      DEPENDS ${installed} ${embed} ${sources} ${web}/index.html ${web}/vite.config.ts
              ${web}/svelte.config.js ${web}/tsconfig.json
      COMMENT "Building the page" VERBATIM)
  else()
    file(MAKE_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR}/no_page)
    add_custom_command(OUTPUT ${page}
      COMMAND ${Python3_EXECUTABLE} ${embed} page ${page} ${CMAKE_CURRENT_BINARY_DIR}/no_page
      DEPENDS ${embed} VERBATIM)
  endif()
  # For cmake/licenses.cmake: what the page holds of others.
  set(SAEROK_PAGE_LICENCE "" CACHE INTERNAL "")
  if(node)
    set(SAEROK_PAGE_LICENCE ${CMAKE_CURRENT_BINARY_DIR}/page_licence CACHE INTERNAL "")
  endif()
  set(${out} ${openapi} ${page} PARENT_SCOPE)
endfunction()
