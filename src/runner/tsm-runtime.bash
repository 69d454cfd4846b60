#!/usr/bin/env bash
# `tsm run` as the first program of a container: passes signals on, clears away orphans (which Node as PID 1 would not),
# and ends with the exit code of what it ran.

self=${BASH_SOURCE[0]}
while [ -L "$self" ]; do
  link=$(readlink "$self")
  case $link in /*) self=$link ;; *) self=${self%/*}/$link ;; esac
done
# pm2-runtime start app.js
[ "$1" != start ] || shift
[ $# -gt 0 ] || set -- --help

# A process group of its own would take the terminal's Ctrl-C away from it.
# The dashes: without them Node 20 looks for the file of an --env-file that is meant for the program.
node -- "${self%/*}/tsm.js" run "$@" &
child=$!
for name in TERM INT HUP QUIT; do
  # shellcheck disable=SC2064 # the pid as it is now
  trap "kill -s $name $child 2>/dev/null" $name
done
# A signal ends `wait` early; what is left of it is waited for again.
while :; do
  wait "$child"
  code=$?
  kill -0 "$child" 2>/dev/null || break
done
exit "$code"
