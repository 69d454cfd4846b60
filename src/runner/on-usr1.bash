# shellcheck shell=bash disable=SC2154,SC2034 # the variables are those of runner.bash
# Sourced by runner.bash when it gets USR1, in its handler: what tsm wants of a process that lives lies in files.

if [ -e "$folder/reset" ]; then
  restarts=0 unstable_restarts=0
  if [ -n "$running" ]; then write_meta "$phase"; else write_meta waiting; fi
  rm -f "$folder/reset"
fi
if [ -e "$folder/bound" ]; then
  IFS=' ' read -r who bound <"$folder/bound"
  if [ -n "$running" ] && [ "$who" = "$pid" ]; then actual_port=$bound && write_meta "$phase"; fi
  rm -f "$folder/bound"
fi
if [ -e "$folder/limits" ]; then
  { IFS= read -r nice && IFS= read -r limit_nofile && IFS= read -r limit_nproc; } <"$folder/limits"
  rm -f "$folder/limits"
fi
if [ "$first_phase" = starting ] && [ -e "$folder/ready" ]; then
  IFS= read -r who <"$folder/ready"
  # shellcheck source=/dev/null
  if [ -n "$running" ] && [ "$who" = "$pid" ]; then
    phase=online
    if write_meta online; then
      journal ready "\"pid\":$pid,\"run\":$run"
      . "${0%/*}/tell.bash" post_start
    fi
  fi
  rm -f "$folder/ready"
fi
if [ "$first_phase" = starting ] && [ -e "$folder/failed" ]; then
  IFS=' ' read -r who seconds why <"$folder/failed"
  if [ -n "$running" ] && [ "$who" = "$pid" ] && [ "$phase" = starting ] && [ -z "$stopping$failing" ]; then
    failing=$why
    if [ -z "$adopting" ] || adopted_lives; then end_group; fi
    if [ -n "$adopting" ]; then echo >&9; fi
  fi
  rm -f "$folder/failed"
fi
