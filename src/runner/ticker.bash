#!/usr/bin/env bash
# The clock of one home: starts a patrol pass when a runner has died, and once a minute; writes down how long each log is
# in each second in which it has grown, and has those rotated that pass their limit. Gone when no runner is left.
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
  ticks=0 folders=() hot=() rotator=0 rotated=-60 due=0
  # The time in seconds when a file was last written to, its size, its name.
  if [ -e /proc/self/stat ]; then sizes=(stat -c '%Y %s %n'); else sizes=(stat -f '%m %z %N'); fi
  : >.recent.0 && : >.recent.1
  announce
  while :; do
    read -r -t 1 -u 9 _
    # Another ticker has taken over: one is enough.
    read -r owner _ 2>/dev/null <ticker.pid && [ "$owner" = "$mine" ] || exit 0
    seconds=$((seconds + 1)) ticks=$((ticks + 1))
    look
    write_times
    patrol_when_due
    [ "$due" -eq 0 ] || rotate
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
  [ ! -e logs.due ] || due=1
}

# In the background: it may take long. One at a time, and not each second where it does not help; what is due meanwhile stays
# due, for a log that has passed its limit may never grow again.
rotate() {
  [ $((ticks - rotated)) -ge 5 ] || return
  [ "$rotator" -ne 0 ] && [ $((ticks - rotated)) -lt 60 ] && kill -0 "$rotator" 2>/dev/null && return
  rotated=$ticks due=0
  TSM_HOME=$home "$node" "$program" rotate --due </dev/null >/dev/null 2>&1 9>&- &
  rotator=$!
}

# The log clock: a line `TIME SIZE` for each log that has grown, where TIME is when it was last written to. Logs that have
# lately been quiet are looked at every fourth second only; what they say then still gets the time of its last line.
write_times() {
  local folder log grown=()
  if [ $((ticks % 4)) -eq 0 ] || [ "${hot[0]}" = all ]; then
    # One of the two is a minute old or more: what is newer has been busy of late.
    [ $((ticks % 60)) -ne 0 ] || : >".recent.$((ticks / 60 % 2))"
    hot=()
    for folder in "${folders[@]}"; do
      has_grown "$folder" out
      has_grown "$folder" err
      [[ $folder/current.out -nt .recent.0 || $folder/current.out -nt .recent.1 ]] && hot+=("$folder out")
      [[ $folder/current.err -nt .recent.0 || $folder/current.err -nt .recent.1 ]] && hot+=("$folder err")
    done
  else
    for log in "${hot[@]}"; do has_grown "${log% *}" "${log##* }"; done
  fi
  [ ${#grown[@]} -eq 0 ] || note_sizes "${grown[@]}"
}

has_grown() {
  [[ $1/current.$2 -nt $1/clock.$2 ]] && grown+=("$1/current.$2")
}

note_sizes() {
  local time size log limit mine
  { IFS= read -r limit <log-limit; } 2>/dev/null || limit=10485760
  while read -r time size log; do
    [ -L "$log" ] && continue
    { printf '%s %s\n' "$time" "$size" >>"${log%/*}/clock.${log##*.}"; } 2>/dev/null
    { IFS= read -r mine <"${log%/*}/launch/log-limit"; } 2>/dev/null || mine=$limit
    [ "$size" -le "$mine" ] || due=1
  done < <("${sizes[@]}" "$@" 2>/dev/null)
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
  alive=0 dead=0 known=() folders=() hot=(all)
  # Before the files are read: who says so from now on is found by the next look.
  : >.looked
  for file in processes/*/runner.pid; do
    read -r runner _ <"$file" || continue
    if kill -0 "$runner"; then
      alive=$((alive + 1))
      known+=("$runner")
      folders+=("${file%/*}")
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
