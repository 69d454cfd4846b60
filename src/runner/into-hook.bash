# shellcheck shell=bash disable=SC2034,SC2154 # the variables are those of runner.bash
# Sourced by enter-life.bash where there is a pre-hook: `lead` is the shell it is sourced in.
# Opened before the process becomes another user's, as the home is closed to others: see pre-hook.bash.

lead=()
while IFS= read -r -d '' word; do lead+=("$word"); done <"$folder/launch/hook"
exec 3<"$folder/launch/env" 4<"$folder/launch/overlay" 6<"${0%/*}/pre-hook.bash" 8<"$folder/launch/after-hook" || exit 126
# Open while the hook is at work: high, as it may open any of 3 to 9 for itself and for the process.
exec 57>>"$folder/hooked" 58<"${lead[5]}" || exit 126
