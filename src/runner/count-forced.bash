# shellcheck shell=bash disable=SC2154 # the variables are those of runner.bash
# Sourced by runner.bash when the time of a stop is up, before it sends KILL: how many get it is for the receipt of whoever asked.

count_forced() {
  local file stat forced=0
  if [ -z "$treekill" ]; then
    forced=1
  elif [ ! -e /proc/self/stat ]; then
    # shellcheck disable=SC2009 # pgrep finds zombies too
    forced=$(LC_ALL=C ps -axo pgid=,stat= | grep -c "^ *$pid  *[^Z ]")
  else
    for file in /proc/[0-9]*/stat; do
      # As in group_lives: its state, its parent, its group.
      { IFS= read -r -d '' stat <"$file"; } 2>/dev/null
      stat=${stat##*) }
      case $stat in [ZX]*) continue ;; esac
      stat=${stat#? * }
      [ "${stat%% *}" != "$pid" ] || forced=$((forced + 1))
      stat=''
    done
  fi
  { printf '%s\n' "$forced" >"$folder/forced"; } 2>/dev/null
}
count_forced
unset -f count_forced
