# shellcheck shell=bash disable=SC2154 # the variables are those of runner.bash
# Sourced by is_disowned of watch-life.bash. Has its folder been removed, or does another start's have its place? Then the runner is
# nobody's: it writes nothing there any more, and brings nothing back. Settings that cannot be read tell nothing.

[ -d "$folder/launch" ] || [ -e "$folder/meta.json" ] || return 0
# Not to the NUL that is there: bash would read to the next one, too, where the `read` of `adopt` was interrupted.
first=
IFS= read -r first <"$folder/launch/settings"
case $first in "token=$token" | "token=${token}name="*) return 1 ;; token=?*) return 0 ;; esac
return 1
