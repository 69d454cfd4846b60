# shellcheck shell=bash disable=SC2154,SC2034 # the variables are those of runner.bash
# Read by runner.bash when it begins, and evaluated at the beginning of each life: from the fork to the record of it. There are
# no functions in it: bash forgets a command once it is done.

again=$announced
now
started=$REPLY
retry_at=0 reason='' failing='' phase=$first_phase in_hook=''
[ ! -e "$folder/launch/hook" ] || phase=starting in_hook=.02
# What a person named may have been removed.
{ [ -d "${out%/*}/" ] && [ -d "${err%/*}/" ]; } || mkdir -p "${out%/*}" "${err%/*}"
# Where in the logs this life begins: `@ TIME SIZE RUN INODE` in their clocks.
# shellcheck disable=SC2206 # four numbers
lengths=($logs)
[ -z "$offsets" ] || printf '%s\n' "${lengths[0]}" "${lengths[2]}" >"$folder/offsets"
{ printf '@ %s %s %s %s\n' "$started" "${lengths[0]}" "$run" "${lengths[1]}" >>"$folder/clock.out"; } 2>/dev/null
{ printf '@ %s %s %s %s\n' "$started" "${lengths[2]}" "$run" "${lengths[3]}" >>"$folder/clock.err"; } 2>/dev/null
[ -z "$stamps" ] || keep_stamper
monotonic
born=$REPLY
set -m # A process group of its own.
{ eval "$enter"; } </dev/null >>"$out" 2>>"$err" 9>&- &
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
born_as=''
[ "$first_phase" = online ] || born_as=',"phase":"starting"'
[ -n "$again" ] || born_as+=',"asked":true'
journal start "\"pid\":$pid,\"run\":$run$born_as"
# shellcheck source=/dev/null
[ "$phase" != online ] || . "${0%/*}/tell.bash" post_start
