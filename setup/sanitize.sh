# Tests under sanitizers, and clang-tidy; sourced by check and .ci/run after build.sh.
#
#   sanitized address|thread [SECONDS]   builds and runs in build-asan or build-tsan; returns 124 if
#                                        it was cut short by the time limit
#   tidy                                 clang-tidy over our sources

# Folders whose code runs on several threads, for the thread sanitizer. models and server are left out:
# GCC 12's sanitizer does not know pthread_cond_clockwait, so their timed waits are reported as unlocks
# of a mutex that is not locked, and models' test of the confined worker forks under seccomp.
concurrent_folders="base storage index backend engine"

# test_targets FOLDER…: the test binaries of the folders of src/ that have tests.
test_targets() {
  local folder
  for folder in "$@"; do
    compgen -G "$root/src/$folder/*_test.cpp" >/dev/null && printf '%s_test\n' "$folder"
  done
  return 0
}

# GCC 12's thread sanitizer stops where the kernel spreads addresses wider than it knows.
unrandomised() {
  if setarch "$(uname -m)" -R true 2>/dev/null; then setarch "$(uname -m)" -R "$@"; else "$@"; fi
}

run_sanitized() {
  local folder=$1 limit=$2 pattern=$3
  ASAN_OPTIONS=detect_stack_use_after_return=1:strict_string_checks=1 \
    UBSAN_OPTIONS=print_stacktrace=1 TSAN_OPTIONS=second_deadlock_stack=1 \
    unrandomised timeout "$limit" ctest --test-dir "$folder" --output-on-failure -LE slow \
    -j "$(nproc)" -R "$pattern"
}

sanitized() {
  local kind=$1 limit=${2:-7200} begun=$SECONDS folder folders targets pattern
  folder=$root/build-asan
  folders=$(cd "$root/src" && echo *)
  if [ "$kind" = thread ]; then
    folder=$root/build-tsan
    folders=$concurrent_folders
  fi
  # shellcheck disable=SC2086  # Folder names hold no blanks.
  targets=$(test_targets $folders)
  # Less optimised than the release build: half the compile time, and stacks that can be read.
  configure "$folder" "SAEROK_SANITIZE=$kind" SAEROK_LLAMA=OFF SAEROK_OPENVINO=OFF SAEROK_PAGE=OFF \
    SAEROK_TESTS=ON \
    "CMAKE_CXX_FLAGS_RELWITHDEBINFO=-O1 -g1" || return 1
  # shellcheck disable=SC2086
  STEP_LOG_LINES=80 step "Building $(basename "$folder")" 420 \
    timeout "$limit" ninja -C "$folder" -j "$(job_count)" $targets || return $?
  limit=$((limit - (SECONDS - begun)))
  [ "$limit" -gt 0 ] || return 124
  pattern="^($(printf '%s' "$targets" | tr '\n' '|'))\$"
  shown "Tests with the $kind sanitizer" run_sanitized "$folder" "$limit" "$pattern"
}

tidy() {
  find "$root/src" -name '*.cpp' -not -name '*_test.cpp' -print0 |
    xargs -0 -n 4 -P "$(job_count)" clang-tidy -p "$root/build" --quiet --warnings-as-errors='*'
}
