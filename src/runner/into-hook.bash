# shellcheck shell=bash disable=SC2034,SC2154 # the variables are those of runner.bash
# Sourced by enter-life.bash where there is a pre-hook: `lead` is the shell it is sourced in.
# Opened before the process becomes another user's, as the home is closed to others: see pre-hook.bash.

lead=()
while IFS= read -r -d '' word; do lead+=("$word"); done <"$folder/launch/hook"
exec 3<"$folder/launch/env" 4<"$folder/launch/overlay" 5>>"$folder/hooked" 6<"${0%/*}/pre-hook.bash" || exit 126
exec 7<"${lead[5]}" 8<"$folder/launch/after-hook" || exit 126
