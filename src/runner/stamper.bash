# shellcheck shell=bash disable=SC2154 # the variables are those of runner.bash
# What runner.bash needs of the stamper, for those who asked for one. Sourced, so that others do not even read it.

stamper='' stamped_at=''

# open_pipes [adopt]. Each pipe is held at both ends by the process itself and by the runner: a stamper that is killed closes none, and
# the next one goes on with what is in it.
open_pipes() {
  local pipe
  if [ "$1" = adopt ]; then end_old_stamper; else rm -f "$pipe_out" "$pipe_err"; fi
  for pipe in "$pipe_out" "$pipe_err"; do
    [ -z "$pipe" ] || [ -p "$pipe" ] || { rm -f "$pipe" && mkfifo -m 600 "$pipe"; } || return 1
  done
  exec 7<>"${pipe_out:-/dev/null}" 8<>"${pipe_err:-/dev/null}"
}

# In the child, opened anew: what it makes of them (O_NONBLOCK) is not its next life's.
into_pipes() {
  [ -z "$pipe_out" ] || exec 1<>"$pipe_out" || exit 126
  [ -z "$pipe_err" ] || exec 2<>"$pipe_err" || exit 126
  exec 7>&- 8>&-
}

# Starts it when there is none, once a second at most. No fork while it lives: see look.
keep_stamper() {
  local REPLY
  [ -n "$stamper" ] && kill -0 "$stamper" 2>/dev/null && return
  now
  if [ "$REPLY" = "$stamped_at" ]; then
    # Its end asks again.
    sleep 1 7>&- 8>&- 9>&- &
    stamper=$! stamped_at=''
    return
  fi
  stamped_at=$REPLY
  # The ends to read are open before its own copies of both are closed: a pipe that nobody else holds is not lost.
  # The mark tells it from the runner and from what belongs to the process.
  TSM_RUNNER=.stamper "${stamper_words%%$'\n'*}" --v8-pool-size=0 "${stamper_words#*$'\n'}" "$folder/launch/stamp.json" \
    3<"${pipe_out:-/dev/null}" 4<"${pipe_err:-/dev/null}" 7>&- 8>&- 9>&- &
  stamper=$!
  start_mark_of "$stamper"
  printf '%s %s\n' "$stamper" "$REPLY" >"$folder/stamper.pid"
}

# Of a runner that was killed: it is nobody's child any more, and two would tear each other's lines.
end_old_stamper() {
  local who its REPLY tries=0
  { read -r who its <"$folder/stamper.pid"; } 2>/dev/null || return 0
  while start_mark_of "$who" && [ "$REPLY" != 0 ] && [ "$REPLY" = "$its" ]; do
    tries=$((tries + 1))
    if [ "$tries" -gt 100 ]; then kill -KILL "$who"; else kill -s USR2 "$who"; fi 2>/dev/null
    sleep 0.02
  done
}

# All that was written is in the files. What outlives the process and still holds a pipe keeps its stamper.
drain() {
  local tries=0
  if [ -z "$stamped_at" ] || ! kill -0 "$stamper" 2>/dev/null; then
    stamper='' stamped_at=''
    keep_stamper
  fi
  exec 7>&- 8>&-
  while kill -0 "$stamper" 2>/dev/null && [ "$tries" -lt 100 ]; do
    tries=$((tries + 1))
    sleep 0.02
  done
  rm -f "$pipe_out" "$pipe_err" "$folder/stamper.pid"
}
