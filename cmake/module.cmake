# saerok_module(folder [LINK target…] [TEST_LINK target…] [EXCLUDE file…])
#
# Every *.cpp of the folder makes the static library saerok_<folder>; every *_test.cpp makes the test
# binary <folder>_test, registered with ctest. EXCLUDE leaves files for a target of the folder's own.
function(saerok_module folder)
  cmake_parse_arguments(arg "" "" "LINK;TEST_LINK;EXCLUDE" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  set(tests ${sources})
  list(FILTER sources EXCLUDE REGEX "_(test|bench)\\.cpp$")
  list(FILTER tests INCLUDE REGEX "_test\\.cpp$")
  foreach(file ${arg_EXCLUDE})
    list(REMOVE_ITEM sources ${CMAKE_CURRENT_SOURCE_DIR}/${file})
    list(REMOVE_ITEM tests ${CMAKE_CURRENT_SOURCE_DIR}/${file})
  endforeach()
  add_library(saerok_${folder} STATIC ${sources})
  target_include_directories(saerok_${folder} PUBLIC ${PROJECT_SOURCE_DIR}/include
                             ${PROJECT_SOURCE_DIR}/src)
  target_link_libraries(saerok_${folder} PUBLIC saerok_options ${arg_LINK})
  if(SAEROK_TESTS AND tests)
    add_executable(${folder}_test ${tests})
    target_link_libraries(${folder}_test PRIVATE saerok_${folder} ${arg_TEST_LINK} GTest::gtest_main)
    target_compile_definitions(${folder}_test PRIVATE SAEROK_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
    target_precompile_headers(${folder}_test PRIVATE <gtest/gtest.h>)
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
      target_compile_options(${folder}_test PRIVATE -fpch-preprocess)  # For ccache.
    endif()
    add_test(NAME ${folder}_test COMMAND ${folder}_test)
  endif()
endfunction()
