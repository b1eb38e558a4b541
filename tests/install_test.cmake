# Installs the build into a scratch prefix, builds and runs the example against it as a stranger
# would, and looks at what the library shows. Run by ctest: cmake -D… -P install_test.cmake
#
# Wants BUILD, SOURCE, WORK (scratch, emptied), NM, COMPILER, OPENVINO (whether built with it).
cmake_minimum_required(VERSION 3.25)

function(run)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE status OUTPUT_VARIABLE output
                  ERROR_VARIABLE errors)
  if(NOT status EQUAL 0)
    string(JOIN " " command ${ARGN})
    message(FATAL_ERROR "${command}\nended with ${status}:\n${output}\n${errors}")
  endif()
  set(output "${output}" PARENT_SCOPE)
endfunction()

file(REMOVE_RECURSE ${WORK})
set(prefix ${WORK}/prefix)
run(${CMAKE_COMMAND} --install ${BUILD} --prefix ${prefix})

file(GLOB_RECURSE installed RELATIVE ${prefix} ${prefix}/*)
foreach(wanted bin/saerok libsaerok.so include/saerok/engine.h saerokConfig.cmake LICENSE
               THIRD_PARTY_LICENSES)
  if(NOT "${installed}" MATCHES "${wanted}")
    message(FATAL_ERROR "the installation lacks ${wanted}; it has ${installed}")
  endif()
endforeach()

# What is installed must work from where it was installed: the fast runtime of embedders is found
# there, not in the build folder.
if(OPENVINO)
  if(NOT "${installed}" MATCHES "saerok/libopenvino_intel_cpu_plugin.so")
    message(FATAL_ERROR "the installation lacks OpenVINO; it has ${installed}")
  endif()
  file(GLOB_RECURSE licenses ${prefix}/THIRD_PARTY_LICENSES)
  file(READ ${licenses} text)
  if(NOT text MATCHES "======== OpenVINO" OR NOT text MATCHES "oneDNN")
    message(FATAL_ERROR "THIRD_PARTY_LICENSES lacks the texts of OpenVINO and what is inside it")
  endif()
  run(${CMAKE_COMMAND} -E env XDG_DATA_HOME=${WORK}/data ${prefix}/bin/saerok doctor)
  if(NOT output MATCHES "ok +fast embedder +OpenVINO 20")
    message(FATAL_ERROR "the installed program does not find OpenVINO:\n${output}")
  endif()
endif()

# Only our own symbols: a program may link another SQLite or ggml beside saerok.
file(GLOB_RECURSE library ${prefix}/libsaerok.so)
run(${NM} -D --defined-only ${library})
string(REGEX MATCHALL "[^\n]+" symbols "${output}")
set(own 0)
foreach(symbol IN LISTS symbols)
  if(NOT symbol MATCHES " _Z(N|NK|TI|TS|TV|TIN|TSN|TVN)?[A-Z]*6saerok")
    message(FATAL_ERROR "libsaerok.so shows a symbol that is not saerok's: ${symbol}")
  endif()
  math(EXPR own "${own} + 1")
endforeach()
if(own EQUAL 0)
  message(FATAL_ERROR "libsaerok.so shows no symbol at all")
endif()
message(STATUS "libsaerok.so shows ${own} symbols, all saerok's")

# A second project, which knows only the prefix.
run(${CMAKE_COMMAND} -S ${SOURCE}/examples/search_notes -B ${WORK}/example -G Ninja
    -DCMAKE_PREFIX_PATH=${prefix} -DCMAKE_CXX_COMPILER=${COMPILER} -DCMAKE_CXX_COMPILER_LAUNCHER=)
run(${CMAKE_COMMAND} --build ${WORK}/example)

file(MAKE_DIRECTORY ${WORK}/notes)
file(WRITE ${WORK}/notes/tea.md "# Tea\n\nGreen tea is steeped at eighty degrees.\n")
file(WRITE ${WORK}/notes/일기.md "# 일기\n\n오늘은 도서관에서 책을 빌렸다.\n")
run(${WORK}/example/search_notes ${WORK}/store ${WORK}/notes "how hot is green tea steeped")
if(NOT output MATCHES "1\\. tea\\.md")
  message(FATAL_ERROR "the example did not find the note about tea:\n${output}")
endif()
run(${WORK}/example/search_notes ${WORK}/store ${WORK}/notes "도서관")
if(NOT output MATCHES "1\\. 일기\\.md")
  message(FATAL_ERROR "the example did not find the Korean note:\n${output}")
endif()
file(REMOVE_RECURSE ${WORK})
