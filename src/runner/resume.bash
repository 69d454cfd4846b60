#!/usr/bin/env bash
# Lets go on whom a rotation has stopped, when that is done or whoever does it has died: reads PID MARK lines to the end
# of its input, which comes in both cases, and then continues them.

main() {
  local line lines=()
  while IFS= read -r line; do lines+=("$line"); done
  for line in "${lines[@]}"; do
    start_mark_of "${line% *}"
    [ "$REPLY" = "${line#* }" ] && kill -CONT "${line% *}" 2>/dev/null
  done
}

# As in runner.bash.
start_mark_of() {
  local stat
  REPLY=0
  if [ -e /proc/self/stat ]; then
    { IFS= read -r stat <"/proc/$1/stat"; } 2>/dev/null || return 0
    # shellcheck disable=SC2086 # the fields are numbers
    set -- ${stat##*) }
    case $1 in Z | X | x) ;; *) REPLY=${20} ;; esac
  else
    stat=$(LC_ALL=C TZ=UTC ps -o lstart= -p "$1") || return 0
    REPLY=$(LC_ALL=C TZ=UTC date -j -f '%a %b %d %T %Y' "$stat" +%s 2>/dev/null) || REPLY=0
  fi
}

main
exit 0
