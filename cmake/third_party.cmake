# Libraries from the system, and the two that Debian lacks or has too old (third_party/fetch).
find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)

# A folder made by third_party/fetch, unless the user names one.
function(saerok_third_party name variable)
  set(${variable} "" CACHE PATH "Folder of ${name}; empty: fetched and cached")
  if(${variable})
    return()
  endif()
  execute_process(COMMAND ${PROJECT_SOURCE_DIR}/third_party/fetch ${name}
                  OUTPUT_VARIABLE folder OUTPUT_STRIP_TRAILING_WHITESPACE RESULT_VARIABLE failed)
  if(failed)
    message(FATAL_ERROR "third_party/fetch ${name} failed; give the folder with -D${variable}=…")
  endif()
  set(${variable} ${folder} PARENT_SCOPE)
endfunction()

saerok_third_party(sqlite SAEROK_SQLITE_DIR)
add_library(saerok_sqlite STATIC ${SAEROK_SQLITE_DIR}/sqlite3.c)
target_include_directories(saerok_sqlite SYSTEM PUBLIC ${SAEROK_SQLITE_DIR})
set_target_properties(saerok_sqlite PROPERTIES C_VISIBILITY_PRESET hidden)
target_compile_options(saerok_sqlite PRIVATE -w -O2)
target_compile_definitions(saerok_sqlite PRIVATE
  SQLITE_THREADSAFE=1 SQLITE_DQS=0 SQLITE_DEFAULT_MEMSTATUS=0 SQLITE_OMIT_LOAD_EXTENSION
  SQLITE_OMIT_DEPRECATED SQLITE_OMIT_SHARED_CACHE SQLITE_LIKE_DOESNT_MATCH_BLOBS
  SQLITE_TRUSTED_SCHEMA=0 SQLITE_USE_URI=0 SQLITE_DEFAULT_FOREIGN_KEYS=1 SQLITE_MAX_EXPR_DEPTH=0
  SQLITE_TEMP_STORE=3 SQLITE_ENABLE_DBSTAT_VTAB SQLITE_ENABLE_DBPAGE_VTAB)
target_link_libraries(saerok_sqlite PUBLIC Threads::Threads m)

if(SAEROK_LLAMA)
  saerok_third_party(llama SAEROK_LLAMA_DIR)
  find_package(llama CONFIG REQUIRED PATHS ${SAEROK_LLAMA_DIR} NO_DEFAULT_PATH)
endif()

if(SAEROK_OPENVINO)
  saerok_third_party(openvino SAEROK_OPENVINO_DIR)
  file(GLOB openvino_library ${SAEROK_OPENVINO_DIR}/lib/libopenvino.so.*)
  if(NOT openvino_library)
    message(FATAL_ERROR "${SAEROK_OPENVINO_DIR} holds no lib/libopenvino.so; see third_party/fetch")
  endif()
  add_library(openvino SHARED IMPORTED)
  set_target_properties(openvino PROPERTIES IMPORTED_LOCATION ${openvino_library})
  target_include_directories(openvino SYSTEM INTERFACE ${SAEROK_OPENVINO_DIR}/include)
endif()
