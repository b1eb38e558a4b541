# Finds what is missing and installs it; sourced by start and check after steps.sh.
#
#   install_missing GROUPS ASSUME_YES PINNED   returns when everything of the groups is there.
#
# It looks for commands and headers, not for packages: a Node or Python installed another way counts.

# needs_of GROUPS: the lines of setup/needs for the groups, without comments.
needs_of() { awk -v groups=" $1 " '!/^#/ && NF && index(groups, " " $1 " ")' "$root/setup/needs"; }

# One run of the preprocessor answers for all headers; without a compiler, look where they usually are.
missing_headers() {
  local header
  if command -v c++ >/dev/null; then
    for header in "$@"; do
      printf '#if !__has_include(<%s>)\nmissing %s\n#endif\n' "$header" "$header"
    done | c++ -E -P -x c++ - 2>/dev/null | awk '$1 == "missing" {print $2}'
  else
    for header in "$@"; do
      compgen -G "/usr/include/$header" >/dev/null || compgen -G "/usr/include/*/$header" >/dev/null ||
        [ -e "/usr/local/include/$header" ] || echo "$header"
    done
  fi
}

# missing_needs GROUPS: the lines that nothing on this machine satisfies.
missing_needs() {
  local group kind what rest headers absent
  headers=$(needs_of "$1" | awk '$2 == "header" {print $3}')
  # shellcheck disable=SC2086  # Header names hold no blanks.
  absent=" $(missing_headers $headers | tr '\n' ' ') "
  while read -r group kind what rest; do
    case $kind in
      command) command -v "$what" >/dev/null && continue ;;
      header) [[ $absent == *" $what "* ]] || continue ;;
      python) python3 -c "import $what" 2>/dev/null && continue ;;
      file) [ -e "$what" ] && continue ;;
    esac
    printf '%s %s %s %s\n' "$group" "$kind" "$what" "$rest"
  done < <(needs_of "$1")
}

# Too old is as bad as missing, and apt cannot cure it where the distribution is old.
check_versions() {
  local version
  version=$(cmake --version | awk 'NR == 1 {print $3}')
  printf '3.25\n%s\n' "$version" | sort -V -C ||
    die "cmake $version is too old; 3.25 or newer is needed (cmake.org has one for every system)"
  version=$(printf '__clang_major__ __GNUC__\n' | c++ -E -P -x c++ - | tail -1)
  case $version in
    __clang_major__\ [0-9]|__clang_major__\ 1[01])
      die "c++ is GCC ${version#* }; GCC 12 or newer is needed (set CXX for another compiler)" ;;
    [0-9]\ *|1[0-5]\ *) die "c++ is clang ${version% *}; clang 16 or newer is needed" ;;
  esac
}

apt_is_ours() {
  command -v apt-get >/dev/null || return 1
  local ID='' VERSION_ID=''
  # shellcheck disable=SC1091
  . /etc/os-release
  case $ID in
    debian) [ -z "$VERSION_ID" ] || [ "${VERSION_ID%%.*}" -ge 12 ] ;;
    ubuntu) printf '24.04\n%s\n' "$VERSION_ID" | sort -V -C ;;
    *) return 1 ;;
  esac
}

list_needs() {
  local group kind what package purpose
  while read -r group kind what package purpose; do
    printf '  %-32s %s (Debian: %s)\n' "$what" "$purpose" "${package%%|*}" >&2
  done <<<"$1"
}

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"
  elif command -v sudo >/dev/null; then sudo "$@"
  else die "installing needs root: run this as root or install sudo, or run: $*"; fi
}

# Not grep -q: it would end before apt-cache does, and pipefail would take that for a no.
apt_knows() { LC_ALL=C apt-cache policy "$1" 2>/dev/null | grep 'Candidate: [^(]' >/dev/null; }

# package_of "a|b": the first that apt knows, else the first.
package_of() {
  local name
  for name in ${1//|/ }; do
    if apt_knows "$name"; then echo "$name"; return; fi
  done
  echo "${1%%|*}"
}

# Asks on a terminal; elsewhere there is nobody to ask and the answer is yes.
confirm() {
  [ "$2" = yes ] && return 0
  if ! [ -t 0 ] || ! [ -t 2 ]; then return 0; fi
  local answer
  read -r -p "$1 [Y/n] " answer
  case $answer in ''|[yY]*|ㅛ*|예*|네*) return 0 ;; *) return 1 ;; esac
}

# What the pinned packages not yet in the cache will cost: "name MB" lines.
missing_pinned() {
  local name
  for name in $1; do
    "$root/third_party/fetch" --size "$name"
  done
}

apt_install() {
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@"
}

# install_missing GROUPS ASSUME_YES PINNED [LATER]: PINNED and LATER are names of third_party/fetch;
# those LATER are fetched by the program itself, but asked for here.
install_missing() {
  local missing packages=() package group kind what rest size
  local pinned=$3 later=${4:-} pinned_mb
  missing=$(missing_needs "$1")
  if [ -n "$missing" ] && ! apt_is_ours; then
    say "These are needed and were not found:"
    list_needs "$missing"
    say "Please provide them; this script installs only on Debian 12 or newer and Ubuntu 24.04 or newer."
    say "Plain CMake works too: cmake -S . -B build -G Ninja && cmake --build build --target saerok"
    exit 1
  fi
  if [ -n "$missing" ]; then
    say "These are needed and were not found:"
    list_needs "$missing"
    # A fresh container has no package lists at all.
    apt_knows cmake && apt_knows libxxhash-dev ||
      step "Reading the package lists (apt-get update)" 20 as_root apt-get update
    while read -r group kind what package rest; do
      packages+=("$(package_of "$package")")
    done <<<"$missing"
    size=$(LC_ALL=C apt-get install --assume-no --no-install-recommends -o Debug::NoLocking=1 \
             "${packages[@]}" 2>/dev/null | grep -E '^(Need to get|After this)' || true)
    say "apt would install: ${packages[*]}"
    [ -z "$size" ] || say "$size"
  fi
  pinned_mb=$(missing_pinned "$pinned $later" | awk '{sum += $2} END {print sum + 0}')
  if [ "$pinned_mb" -gt 0 ]; then
    say "Packages pinned in third_party/packages.lock are fetched through npm and pip:" \
        "$(missing_pinned "$pinned $later" | awk '{printf "%s%s (%d MB)", sep, $1, $2; sep = ", "}')."
    say "They are kept in $("$root/third_party/fetch" --cache) and shared by all clones."
  fi
  if [ -n "$missing" ] || [ "$pinned_mb" -gt 0 ]; then
    confirm "Go on?" "$2" || die "nothing was installed"
  fi
  if [ -n "$missing" ]; then
    step "Installing ${#packages[@]} packages" 150 apt_install "${packages[@]}"
    missing=$(missing_needs "$1")
    [ -z "$missing" ] || { list_needs "$missing"; die "still missing after the installation"; }
  fi
  check_versions
  for package in $pinned; do
    "$root/third_party/fetch" "$package" >/dev/null || exit 1
  done
}
