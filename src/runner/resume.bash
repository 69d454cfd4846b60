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

# shellcheck source=/dev/null
. "${0%/*}/start-mark.bash" || exit 74
main
exit 0
