# Warnings, hardening and sanitizers for our own targets, through one interface library.
add_library(saerok_options INTERFACE)
target_compile_options(saerok_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor -Wold-style-cast
  -Wno-gnu-statement-expression -fno-omit-frame-pointer -fvisibility=hidden
  -fvisibility-inlines-hidden $<$<BOOL:${SAEROK_WERROR}>:-Werror>)
# -Wpedantic warns of statement expressions, which TRY is; GCC has no switch for just that.
target_compile_options(saerok_options INTERFACE $<$<CXX_COMPILER_ID:GNU>:-Wno-pedantic>)
# From 13 on GCC follows values through inlined standard containers and warns of what cannot happen.
# GCC 12 has these warnings on, and the sanitizers see the real ones.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_GREATER_EQUAL 13)
  target_compile_options(saerok_options INTERFACE
    -Wno-maybe-uninitialized -Wno-array-bounds -Wno-stringop-overflow -Wno-stringop-overread
    -Wno-free-nonheap-object -Wno-restrict)
endif()
target_compile_definitions(saerok_options INTERFACE SAEROK_VERSION="${PROJECT_VERSION}")
if(SAEROK_SANITIZE STREQUAL "address")
  target_compile_options(saerok_options INTERFACE -fsanitize=address,undefined
                         -fno-sanitize-recover=all)
  target_link_options(saerok_options INTERFACE -fsanitize=address,undefined)
elseif(SAEROK_SANITIZE STREQUAL "thread")
  target_compile_options(saerok_options INTERFACE -fsanitize=thread)
  target_link_options(saerok_options INTERFACE -fsanitize=thread)
else()
  target_compile_options(saerok_options INTERFACE -fstack-protector-strong
                         $<$<NOT:$<CONFIG:Debug>>:-D_FORTIFY_SOURCE=2>)
  target_link_options(saerok_options INTERFACE -Wl,-z,relro,-z,now)
endif()
if(SAEROK_FUZZ)
  target_compile_options(saerok_options INTERFACE -fsanitize=fuzzer-no-link)
endif()
