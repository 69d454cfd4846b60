# shellcheck shell=bash disable=SC2154,SC2034 # the variables are those of runner.bash
# The functions that runner.bash needs while its process lives. Whoever forks runners has read them once, for all.

# write_meta STATUS [FILE]: whole or not at all: readers never meet a part. The FILE of launch/new goes beside it.
write_meta() {
  # A trap may come in between, and then writes a file of its own.
  local status=$1 part="$folder/.meta.$self.${#FUNCNAME[@]}" place=$folder/meta.json
  if [ -n "${2-}" ]; then part=$folder/launch/new/meta.json place=$folder/; fi
  if [ "$status" = online ] || [ "$status$running" = starting1 ]; then [ -n "$stopping" ] && status=stopping; fi
  printf '%s\n  "pid": %s,\n%s\n  "start_time": %s,\n  "status": "%s",\n  "restarts": %s,\n  "unstable_restarts": %s,\n  "start_mark": "%s",\n  "boot_id": "%s",\n  "runner_pid": %s,\n  "runner_mark": "%s",\n  "retry_at": %s,\n  "reason": "%s",\n  "last_exit": %s,\n  "actual_port": %s,\n%s\n' \
    "$meta_head" "$pid" "$meta_body" "$started" "$status" "$restarts" "$unstable_restarts" "$mark" "$boot_id" "$self" "$runner_mark" "$retry_at" "$reason" "$last_exit" "${actual_port:-null}" "$meta_tail" \
    >"$part" && mv -f ${2+"$2"} "$part" "$place" && return
  rm -f "$part"
  return 1
}

# Has its folder been removed, or does another start's have its place?
is_disowned() {
  # In posix mode a file that is gone would end this shell.
  # shellcheck source=/dev/null
  { [ -r "${0%/*}/disowned.bash" ] && . "${0%/*}/disowned.bash"; } 2>/dev/null
}

# journal EVENT FIELDS: one object on one line, in one write.
journal() {
  local time
  [ -d "${folder%/*}" ] || return 0 # the home is gone
  { printf -v time '%(%Y-%m-%dT%H:%M:%SZ)T' -1; } 2>/dev/null || time=$(date +%Y-%m-%dT%H:%M:%SZ)
  [ -d "$events" ] || mkdir -p "$events"
  printf '{"time":"%s","event":"%s",%s,%s}\n' "$time" "$1" "$subject" "$2" >>"$events/${time%%T*}.jsonl"
}

# Epoch seconds.
now() {
  REPLY=${EPOCHSECONDS:-}
  [ -n "$REPLY" ] || REPLY=$(date +%s)
}

# Milliseconds of a clock that does not jump: since boot on Linux; elsewhere since this runner began, as bash counts.
monotonic() {
  local whole
  if [ -r /proc/uptime ]; then
    IFS='. ' read -r whole REPLY _ </proc/uptime
    REPLY=$((whole * 1000 + 10#$REPLY * 10))
  else
    REPLY=$((SECONDS * 1000))
  fi
}

# shellcheck source=/dev/null
. "${0%/*}/start-mark.bash" || exit 74

# Waits for the end of the life that has begun. How it ended is in `verdict` and `code`.
watch_life() {
  while :; do
    look
    [ -n "$verdict" ] && break
    # TERM in the moment in which it ends: bash may have taken it, and its table says Running for ever.
    kill -0 "$pid" 2>/dev/null || { look && verdict=${verdict:-gone} && break; }
    [ -z "$stamps" ] || keep_stamper
    # shellcheck source=/dev/null
    if [ -n "$in_hook" ]; then . "${0%/*}/in-hook.bash" && continue; fi
    # In posix mode CHLD ends `wait` before it takes the job from the table, so `look` still finds it there.
    set -o posix
    wait "$pid"
    code=$?
    set +o posix
  done
  running=''
}

# What bash knows of the job, before `wait` takes it: "Exit 143" and "Terminated" are both 143 to `wait`.
# Through a pipe to itself and not a substitution: one fork here would raise CHLD, which ends `wait`, which looks again.
look() {
  local line
  { jobs -l; echo .; } >&9
  verdict=gone
  while IFS= read -r line <&9 && [ "$line" != . ]; do
    case $line in
      *" $pid Running"* | *" $pid Stopped"* | *" $pid Suspended"*) verdict='' ;;
      *" $pid "*) verdict=${line#*" $pid "} ;;
      *" $killer Done"*)
        [ "$killer" -ne 0 ] || continue
        killer=0
        # shellcheck source=/dev/null
        [ ! -r "${0%/*}/count-forced.bash" ] || . "${0%/*}/count-forced.bash"
        kill -KILL -- "${treekill:+-}$pid" 2>/dev/null
        ;;
    esac
  done
}

# shellcheck disable=SC2317 # the handler of TERM
on_term() {
  local REPLY # What was interrupted has its own.
  stopping=1
  seconds=$kill_timeout
  [ -r "$folder/stop" ] && IFS=' ' read -r seconds asked_by at_once <"$folder/stop"
  if [ -z "$adopting" ]; then
    [ -n "$running" ] && end_group
    return 0
  fi
  # Only a parent may be sure that the pid is still its child's.
  adopted_lives && end_group
  # Ends the sleep of `adopt`; to `look` an empty line means nothing.
  echo >&9
}

# What tsm wants of a process that lives is in files, and how to read them nobody needs to have in memory until then.
# shellcheck disable=SC2317 # the handler of USR1
on_usr1() {
  # shellcheck disable=SC2034 # on-usr1.bash does
  local REPLY who bound why # What was interrupted has its own.
  # In posix mode, in which `wait` is interrupted, a file that is gone would end this shell.
  # shellcheck source=/dev/null
  [ ! -r "${0%/*}/on-usr1.bash" ] || . "${0%/*}/on-usr1.bash"
}

# The kill signal to the group, and CONT, so that whoever is stopped hears it. KILL follows when the time is up (see look).
end_group() {
  # The group of 0 is this runner's own, that of 1 everybody.
  [ "$pid" -gt 1 ] || return 0
  kill -s "${at_once:-$kill_signal}" -- "${treekill:+-}$pid" 2>/dev/null
  kill -CONT -- "${treekill:+-}$pid" 2>/dev/null
  # Most are gone within milliseconds: then there is nothing to write down before their end is, and nobody to wait for.
  # In a pipe, which a here-string is since bash 5.1, there is nothing to read but its line; a file ends, and no time is spent.
  local thousandths
  {
    for thousandths in 0 1 1 2 4 8; do
      kill -0 -- "${treekill:+-}$pid" 2>/dev/null || return 0
      read -r -t ".00$thousandths" -u 6 _
    done 6<>/dev/fd/6
  } 6<<<'' 2>/dev/null
  if [ -n "$stopping" ] && ! is_disowned; then write_meta stopping; fi
  kill -0 -- "${treekill:+-}$pid" 2>/dev/null || return 0
  # A second stop has its own patience.
  if [ "$killer" -ne 0 ]; then kill "$killer" 2>/dev/null; fi
  sleep "$seconds" &
  killer=$!
}

adopted_lives() {
  start_mark_of "$pid"
  [ "$REPLY" != 0 ] && [ "$REPLY" = "$mark" ]
}
