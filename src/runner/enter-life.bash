# shellcheck shell=bash disable=SC2154,SC2034 # the variables are those of runner.bash
# Read by runner.bash when it begins, and evaluated in the forked child of each life, which it makes the process.

trap - TERM HUP INT QUIT CHLD USR1
[ -z "$stamps" ] || into_pipes
umask "$mask"
cd "$cwd" || exit 126
# shellcheck source=/dev/null
[ ! -e "$folder/launch/hook" ] || . "${0%/*}/into-hook.bash"
# shellcheck source=/dev/null
[ ! -e "$folder/launch/memory" ] || . "${0%/*}/into-group.bash"
# shellcheck source=/dev/null
[ -z "$nice$limit_nofile$limit_nproc$user_id" ] || . "${0%/*}/limit.bash"
# Each executes the next, so the pid stays. `env -i` makes the environment exactly what was handed over: bash would add its own.
# shellcheck disable=SC2154 # `lead` is into-hook.bash's
exec "${before[@]}" env -i -- "${environment[@]}" "${lead[@]}" "${argv[@]}"
