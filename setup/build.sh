# Configuring and building; sourced by start and check after steps.sh and install.sh.
#
#   build_target TARGET [-D…]       builds TARGET in build/, configuring first where needed
#   embedder_missing                "multilingual-e5-small 91" if the default model is not there
#   advise_chat_model               says which chat model this machine's memory would hold

# cache_has FOLDER NAME=VALUE: whether the folder was configured with it.
cache_has() { grep -qE "^${2%%=*}:[A-Z]+=${2#*=}\$" "$1/CMakeCache.txt" 2>/dev/null; }

# configure FOLDER NAME=VALUE…: runs CMake unless the folder is configured like this already; ninja
# runs it again by itself whenever a CMake file has changed.
configure() {
  local folder=$1 wanted flags=() stale=no
  shift
  for wanted in "$@"; do
    flags+=("-D$wanted")
    cache_has "$folder" "$wanted" || stale=yes
  done
  if [ "$stale" = no ] && [ -f "$folder/build.ninja" ]; then return 0; fi
  step "Configuring $(basename "$folder")" 10 cmake -S "$root" -B "$folder" -G Ninja "${flags[@]}"
}

# build_in FOLDER TARGET…
build_in() {
  local folder=$1
  shift
  STEP_LOG_LINES=80 step "Building $(basename "$folder")" 300 \
    ninja -C "$folder" -j "$(job_count)" "$@"
}

build_target() {
  local target=$1
  shift
  configure "$root/build" "$@"
  build_in "$root/build" "$target"
}

models_folder() { printf '%s' "${XDG_DATA_HOME:-$HOME/.local/share}/saerok/models"; }
