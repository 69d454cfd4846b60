# shellcheck shell=bash disable=SC2154 # the variables are those of runner.bash
# Sourced by runner.bash with EVENT: where there is a hook for it, the app's own, the service's or the one for all, starts
# told.bash with it, detached. Nobody waits for it.

hooks=${folder%/*/*/*}/hooks
own_hook=$folder/launch/$1.hook
[ -f "$own_hook" ] || [ -d "$hooks" ] || return 0
service=${name%-auto}
[ -z "$port_hex" ] || service=${name%-$((16#$port_hex))}
[ -f "$own_hook" ] || [ -f "$hooks/$service.$1.sh" ] || [ -f "$hooks/$1.sh" ] || return 0
# In a subshell: it is no job of the runner, and $! stays what it was.
(
  file=$hooks/$service.$1.sh
  [ -f "$file" ] || file=$hooks/$1.sh
  as=
  # What an ecosystem file says is a command.
  if [ -f "$own_hook" ]; then as=-c && IFS= read -r -d '' file <"$own_hook"; fi
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
  env -i -- "${environment[@]}" "${own[@]}" "$BASH" "${0%/*}/told.bash" "$file" "$1" "$hook_seconds" "${hooks%/hooks}" "$subject" ${as:+"$as"} \
    </dev/null >/dev/null 2>&1 7>&- 8>&- 9>&- &
)
