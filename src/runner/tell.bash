# shellcheck shell=bash disable=SC2154 # the variables are those of runner.bash
# Sourced by `tell` of runner.bash with EVENT, where it has a hook: starts told.bash, detached. Nobody waits for it.
# In a subshell: it is no job of the runner, and $! stays what it was.
(
  tsm_home=${hooks%/hooks/*} file=$hooks.$1.sh own=()
  [ -f "$file" ] || file=${hooks%/*}/$1.sh
  seconds=10
  { IFS= read -r seconds <"$folder/launch/hook-seconds"; } 2>/dev/null
  own=(BASH_ENV= TSM_RUNNER=.hook "TSM_EVENT=$1" "TSM_PID=$pid" TSM_EXIT_CODE= TSM_EXIT_SIGNAL= TSM_EXIT_BY=)
  if [ "$1" != post_start ]; then
    by=crash
    [ -n "$failing" ] && by=health
    [ -n "$stopping" ] && by=$asked_by
    plain=${signal//\"/}
    own+=("TSM_EXIT_CODE=${code/#null/}" "TSM_EXIT_SIGNAL=${plain/#null/}" "TSM_EXIT_BY=$by")
  fi
  cd "$cwd" 2>/dev/null || cd /
  set -m # A process group of its own: it is ended as a whole.
  env -i -- "${environment[@]}" "${own[@]}" "$BASH" "${0%/*}/told.bash" "$file" "$1" "$seconds" "$tsm_home" "$subject" \
    </dev/null >/dev/null 2>&1 7>&- 8>&- 9>&- &
)
