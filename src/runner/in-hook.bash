# shellcheck shell=bash disable=SC2034,SC2154 # the variables are those of runner.bash
# Sourced by watch_life of runner.bash again and again, until the pre-hook of this life is done: then it is what it would
# have been from the beginning. An end of the process ends the sleep too.

if [ -s "$folder/hooked" ]; then
  in_hook=''
  # What a life has lasted is the program's own time.
  monotonic
  born=$REPLY
  if [ "$first_phase" = online ]; then
    # shellcheck source=/dev/null
    phase=online && write_meta online && . "${0%/*}/tell.bash" post_start
  fi
else
  case $in_hook in .02) in_hook=.05 ;; .05) in_hook=.1 ;; *) in_hook=.2 ;; esac
  sleep "$in_hook" &
  set -o posix
  wait $!
  set +o posix
fi
