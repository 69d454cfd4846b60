# shellcheck shell=bash disable=SC2154,SC2034 # the variables are those of runner.bash
# Read by runner.bash when it begins, and evaluated at the beginning of each life.

# A life begins: from the fork to the record of it.
begin_life() {
  local again=$announced
  now
  started=$REPLY
  retry_at=0 reason='' failing='' phase=$first_phase in_hook=''
  [ ! -e "$folder/launch/hook" ] || phase=starting in_hook=.02
  # What a person named may have been removed.
  { [ -d "${out%/*}/" ] && [ -d "${err%/*}/" ]; } || mkdir -p "${out%/*}" "${err%/*}"
  note_run
  [ -z "$stamps" ] || keep_stamper
  monotonic
  born=$REPLY
  set -m # A process group of its own.
  begin </dev/null >>"$out" 2>>"$err" 9>&- &
  pid=$!
  set +m # With it, `wait` would come back when the process is merely stopped by SIGSTOP.
  running=1
  start_mark_of "$pid"
  mark=$REPLY
  # With meta.json it goes in one `mv`, the dearest step of a life's beginning.
  printf '%s\n' "$pid" >"$folder/launch/new/$name.pid"
  # Somebody else's program reads it.
  [ -z "$pid_file" ] || { umask "$mask" && printf '%s\n' "$pid" >"$pid_file" && umask 077; } 2>/dev/null || umask 077
  if write_meta "$phase" "$folder/launch/new/$name.pid"; then
    announced=1
  elif [ -z "$announced$stopping" ]; then
    # A start that cannot be written down has not happened: whoever asked for it is told that it failed.
    kill -KILL -- "-$pid" 2>/dev/null
    rm -f "$folder/$name.pid" "$folder/launch/new/$name.pid" "$folder/runner.pid"
    exit 74
  fi
  # TERM may have come before there was a group to pass it to.
  [ -n "$stopping" ] && end_group
  # Nobody waits for it to get ready: the resident patrol must.
  [ "$first_phase" = online ] || [ -z "$again" ] || : >"$folder/../../patrol.wanted"
  local starting=''
  [ "$first_phase" = online ] || starting=',"phase":"starting"'
  journal start "\"pid\":$pid,\"run\":$run$starting"
  # shellcheck source=/dev/null
  [ "$phase" != online ] || . "${0%/*}/tell.bash" post_start
}

# Where in the logs a life begins: `@ TIME SIZE RUN INODE` in their clocks.
note_run() {
  # shellcheck disable=SC2086 # four numbers
  set -- $logs
  [ -z "$offsets" ] || printf '%s\n' "$1" "$3" >"$folder/offsets"
  { printf '@ %s %s %s %s\n' "$started" "$1" "$run" "$2" >>"$folder/clock.out"; } 2>/dev/null
  { printf '@ %s %s %s %s\n' "$started" "$3" "$run" "$4" >>"$folder/clock.err"; } 2>/dev/null
}

# Runs in the forked child. `env -i` makes the environment exactly what was handed over: bash would add its own.
begin() {
  trap - TERM HUP INT CHLD USR1
  [ -z "$stamps" ] || into_pipes
  umask "$mask"
  cd "$cwd" || exit 126
  # shellcheck source=/dev/null
  [ ! -e "$folder/launch/hook" ] || . "${0%/*}/into-hook.bash"
  # shellcheck source=/dev/null
  [ ! -e "$folder/launch/memory" ] || . "${0%/*}/into-group.bash"
  # shellcheck source=/dev/null
  [ -z "$nice$limit_nofile$limit_nproc$user_id" ] || . "${0%/*}/limit.bash"
  # Each executes the next, so the pid stays.
  # shellcheck disable=SC2154 # `lead` is into-hook.bash's
  exec "${before[@]}" env -i -- "${environment[@]}" "${lead[@]}" "${argv[@]}"
}

begin_life
unset -f begin_life note_run begin
