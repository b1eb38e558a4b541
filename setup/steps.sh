# Steps with progress, for start, check, .ci/run and third_party/fetch; sourced, not run.
#
#   step NAME SECONDS COMMAND…   runs COMMAND with its output in a log, shows the time it has taken
#                                and the time it should take; on failure shows the end of the log.
#                                SECONDS is a guess for two cores, used until the command's own
#                                "[done/total]" lines (ninja's) allow a better one.
#   shown NAME COMMAND…          the same for a command that shows its own progress.
#   print_timings                one line for each step so far.
#
# Everything goes to standard error, so that standard output stays for results.

say() { printf '%s\n' "$*" >&2; }
die() { say "$(basename "$0"): $*"; exit 1; }

step_names=()
step_seconds=()
step_child=
step_logs=$(mktemp -d "${TMPDIR:-/tmp}/saerok-steps-XXXXXX")

# A command in the background of a script does not see Ctrl-C; pass it on, or it would go on alone.
stop_steps() {
  [ -n "$step_child" ] && kill "$step_child" 2>/dev/null && wait "$step_child" 2>/dev/null
  say ""; say "Stopped. The same command goes on from here."
  exit 130
}
trap stop_steps INT TERM
clean_steps() { rm -rf "$step_logs"; }
trap clean_steps EXIT

human_seconds() {
  if [ "$1" -lt 100 ]; then printf '%d s' "$1"; else printf '%d min' $((($1 + 30) / 60)); fi
}

# step_line NAME ELAPSED SECONDS LOG: "name: 12 s, [40/320], about 84 s left"
step_line() {
  local counted done_count total left=$(($3 - $2))
  counted=$(tail -c 4096 "$4" | tr '\r' '\n' | grep -oE '^ *\[[0-9]+/[0-9]+' | tail -1 || true)
  if [[ $counted =~ ([0-9]+)/([0-9]+) ]]; then
    done_count=${BASH_REMATCH[1]} total=${BASH_REMATCH[2]}
    # Ninja's first few edges are too uneven to say anything about the rest.
    [ "$done_count" -ge 5 ] && left=$(($2 * (total - done_count) / done_count))
    counted="$done_count of $total, "
  fi
  if [ "$left" -gt 0 ]; then left="about $(human_seconds "$left") left"; else left="nearly done"; fi
  printf '%s: %s, %s%s' "$1" "$(human_seconds "$2")" "$counted" "$left"
}

step() {
  local name=$1 guess=$2 begun=$SECONDS told=0 polls=0 elapsed status=0
  shift 2
  local log=$step_logs/log-${#step_names[@]}
  : >"$log"
  "$@" >"$log" 2>&1 </dev/null &
  step_child=$!
  while kill -0 "$step_child" 2>/dev/null; do
    polls=$((polls + 1))
    # Short steps should not wait for a long nap; long ones need no fast clock.
    if [ "$polls" -lt 20 ]; then sleep 0.05; else sleep 0.5; fi
    elapsed=$((SECONDS - begun))
    if [ -t 2 ]; then
      [ "$polls" -ge 20 ] && printf '\r\033[K%s' "$(step_line "$name" $elapsed "$guess" "$log")" >&2
    elif [ $elapsed -ge $((told + 15)) ]; then
      told=$elapsed
      say "  $(step_line "$name" $elapsed "$guess" "$log")"
    fi
  done
  wait "$step_child" || status=$?
  step_child=
  elapsed=$((SECONDS - begun))
  step_names+=("$name")
  step_seconds+=("$elapsed")
  [ -t 2 ] && printf '\r\033[K' >&2
  if [ "$status" -ne 0 ]; then
    tail -n "${STEP_LOG_LINES:-40}" "$log" >&2
    say "$name failed (exit $status); above is the end of what it said."
    return "$status"
  fi
  [ $elapsed -lt 1 ] || say "$name: done in $(human_seconds $elapsed)"
  step_log=$log
}

shown() {
  local name=$1 begun=$SECONDS status=0
  shift
  say "$name …"
  "$@" || status=$?
  step_names+=("$name")
  step_seconds+=("$((SECONDS - begun))")
  [ "$status" -eq 0 ] || say "$name failed (exit $status)."
  return "$status"
}

print_timings() {
  local i total=0
  say ""
  say "Times:"
  for i in "${!step_names[@]}"; do
    printf '  %6d s  %s\n' "${step_seconds[$i]}" "${step_names[$i]}" >&2
    total=$((total + step_seconds[i]))
  done
  printf '  %6d s  in all\n' "$total" >&2
}

# Compilers to run at once: one for each core, fewer where memory would not hold them.
job_count() {
  local cores memory_kib
  cores=$(nproc 2>/dev/null || echo 2)
  memory_kib=$(awk '/MemAvailable/ {print $2}' /proc/meminfo 2>/dev/null || true)
  if [ -n "$memory_kib" ] && [ "$cores" -gt $((memory_kib / 1300000 + 1)) ]; then
    cores=$((memory_kib / 1300000 + 1))
  fi
  echo "$cores"
}
