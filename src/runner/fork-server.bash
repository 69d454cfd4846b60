# shellcheck shell=bash disable=SC2034 # runner.bash reads it
# Sourced by runner.bash when it is handed no folder: it forks a runner for each FOLDER TOKEN that it reads, each ended by NUL,
# and answers with its pid on a line of its own, until there is no more to read. What bash has made of their functions is in
# memory once for all of them, and no runner costs an exec. A runner that was forked has this environment, not one of its own, and is known by where it stands.

forked=1
# shellcheck source=/dev/null
. "${0%/*}/watch-life.bash" || exit 74
set -m # A group of its own for each, and no signal that it ignores.
while IFS= read -r -d '' folder && IFS= read -r -d '' token; do
  # shellcheck source=/dev/null
  (. "$0" "$folder" "$token") </dev/null >/dev/null 2>&1 &
  echo $!
done
