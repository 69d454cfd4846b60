#!/usr/bin/env bash
# The clock of one home: starts a patrol pass when a runner has died, and once a minute. Gone when no runner is left.
#   ticker.bash HOME NODE PROGRAM BOOT    each second it looks after who is named in HOME/runtime/processes/*/runner.pid, without a fork
# A runner that ends in order removes its runner.pid; one that was killed leaves it behind.

main() {
  umask 077
  home=$1 node=$2 program=$3 boot=$4
  cd "$home/runtime" || exit 1
  [ -p .ticker ] || mkfifo -m 600 .ticker || exit 74
  exec 9<>.ticker || exit 74
  start_mark_of $$
  mine=$$ mark=$REPLY seconds=0 idle=0 pace=0 before=0 alive=0 dead=0 known=()
  announce
  while :; do
    read -r -t 1 -u 9 _
    # Another ticker has taken over: one is enough.
    read -r owner _ 2>/dev/null <ticker.pid && [ "$owner" = "$mine" ] || exit 0
    seconds=$((seconds + 1))
    look
    patrol_when_due
    if [ "$alive" -eq 0 ]; then idle=$((idle + 1)); else idle=0; fi
    [ "$idle" -lt 5 ] && continue
    rm -f ticker.pid
    # Whoever began something up to now has seen this ticker alive and started none.
    read_all
    [ "$alive" -gt 0 ] && [ ! -e ticker.pid ] || exit 0
    announce
    idle=0
  done
}

announce() {
  printf '%s %s %s\n' $$ "$mark" "$boot" >.ticker.pid.$$ && mv -f .ticker.pid.$$ ticker.pid && return
  rm -f .ticker.pid.$$
  exit 74
}

# Each minute, and at once for a runner that has just died. What a pass could not mend is tried again after 1, 3, 7, … 31 s.
patrol_when_due() {
  [ "$dead" -gt "$before" ] && pace=0
  [ "$dead" -eq 0 ] && pace=0
  before=$dead
  if [ "$dead" -gt 0 ] && [ "$seconds" -ge "$pace" ]; then
    [ "$pace" -lt 31 ] && pace=$((pace * 2 + 1))
  elif [ "$seconds" -lt 60 ]; then
    return
  fi
  seconds=0
  TSM_HOME=$home "$node" "$program" patrol --quick </dev/null >/dev/null 2>&1
}

# How many runners live, and how many died without saying so. Those it knows are asked each second by their pids; their
# files are read when one is gone and when a new one has said so in runners.changed. Nothing is decided here but when to
# have a closer look: whether a pid is still who it was, the pass of each minute finds out.
look() {
  local pid
  # Not `changed -nt .looked`: in one tick of the file system's clock both can be written.
  if [ "$dead" -eq 0 ] && [ "$alive" -gt 0 ] && [ .looked -nt runners.changed ]; then
    # Not a redirection for each: that takes longer than the question.
    for pid in "${known[@]}"; do
      kill -0 "$pid" || break
      pid=''
    done 2>/dev/null
    [ -z "$pid" ] && return
  fi
  read_all
}

read_all() {
  local file runner
  alive=0 dead=0 known=()
  # Before the files are read: who says so from now on is found by the next look.
  : >.looked
  for file in processes/*/runner.pid; do
    read -r runner _ <"$file" || continue
    if kill -0 "$runner"; then
      alive=$((alive + 1))
      known+=("$runner")
    else
      dead=$((dead + 1))
    fi
  done 2>/dev/null
  # The resident patrol, where there is one: it removes its file when it ends in order.
  { read -r runner _ <patrol.pid; } 2>/dev/null || return
  if kill -0 "$runner" 2>/dev/null; then known+=("$runner"); else dead=$((dead + 1)); fi
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

TZ=UTC
LC_ALL=C
main "$@"
exit 0
