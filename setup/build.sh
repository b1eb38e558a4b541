# Configuring and building; sourced by start and check after steps.sh and install.sh.
#
#   build_target TARGET [-D…]       builds TARGET in build/, configuring first where needed
#   embedder_missing                "e5" (for third_party/fetch) if the default model is not there
#   page_builder                    "node" if what is installed is too old to build the page
#   code_formatter                  "clang-format", if there is a package for this machine
#   fast_embedder                   the runtime of embedders, if this machine can have it
#   advise_chat_model               says which chat models this machine's memory would hold

# Objects compiled in one clone serve another: without these, absolute paths and the folder that
# debug information names make every clone compile all of it again.
export CCACHE_BASEDIR=$root CCACHE_NOHASHDIR=1
# And without this, nothing that is compiled with a precompiled header, which is every test.
export CCACHE_SLOPPINESS=pch_defines,time_macros

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

# As src/cli/names.cpp: a relative XDG folder is to be ignored.
models_folder() {
  case ${XDG_DATA_HOME:-} in
    /*) printf '%s/saerok/models' "$XDG_DATA_HOME" ;;
    *) printf '%s/.local/share/saerok/models' "$HOME" ;;
  esac
}

# The list of installed models is one JSON file; asking the program would need it built first.
embedder_missing() {
  [ -z "${SAEROK_EMBED_BASE_URL:-}" ] || return 0
  grep -qs '"name": *"default"' "$(models_folder)/models.json" || printf 'e5'
}

# As cmake/web.cmake: Debian 12 has Node 18.
page_builder() {
  local version
  version=$(node --version 2>/dev/null || true)
  if ! printf 'v20.19\n%s\n' "$version" | sort -V -C && grep -q "^node-$(uname -m) " \
    "$root/third_party/packages.lock"; then printf 'node'; fi
}

# "openvino" (for third_party/fetch) if there is a package for this machine.
fast_embedder() {
  if grep -q "^openvino-$(uname -m) " "$root/third_party/packages.lock"; then printf 'openvino'; fi
}

# "clang-format" (for third_party/fetch): one version everywhere, as each lays out a little differently.
code_formatter() {
  if grep -q "^clang-format-$(uname -m) " "$root/third_party/packages.lock"; then printf 'clang-format'; fi
}

# Which chat models would fit is the program's to say; nothing is downloaded.
advise_chat_model() {
  say ""
  say "Answers so far are made of sentences from your notes; a chat model puts them in its own words."
  "$saerok" model list | sed -n '/^Chat models/,$p' >&2 || true
  say "Any OpenAI-compatible service does as well: set SAEROK_CHAT_BASE_URL, _API_KEY and _MODEL."
}
