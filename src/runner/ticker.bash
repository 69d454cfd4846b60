#!/usr/bin/env bash
# The clock of one home: starts a patrol pass when a runner has died, and every one to three minutes; writes down how long
# each log is in each second in which it has grown, and has those rotated that pass their limit. Gone when no runner is left.
#   ticker.bash HOME NODE PROGRAM BOOT    each second it looks after who is named in HOME/runtime/processes/*/runner.pid, without a fork
# A runner that ends in order removes its runner.pid; one that was killed leaves it behind.

main() {
  umask 077
  # It was low until bash had begun (see resident-bash.ts).
  [ -z "${TSM_NPROC-}" ] || ulimit -Su "$TSM_NPROC"
  unset TSM_NPROC GLIBC_TUNABLES
  home=$1 node=$2 program=$3 boot=$4
  cd "$home/runtime" || exit 1
  pipe_to_itself .ticker
  start_mark_of $$
  mine=$$ mark=$REPLY seconds=0 idle=0 pace=0 before='' gone='' alive=0 dead=0 known=()
  turn=0 ticks=0 folders=() named=() asked='' fresh=1 hot=() rotator=0 teller=0 rotated=-60 due=0
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
    [ $((ticks % 4)) -ne 0 ] || [ ${#named[@]} -eq 0 ] || watch_named
    patrol_when_due
    [ "$due" -eq 0 ] || rotate
    [ ! -e ../config/notify.json ] || tell
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

# Each minute, each third where nothing is done, and at once for a runner that has just died. What a pass could not mend is
# tried again after 1, 3, 7, … 31 s.
patrol_when_due() {
  local lost=$gone
  # A runner has asked for the resident patrol: whom it has brought back somebody must find ready.
  [ ! -e patrol.wanted ] || [ -e patrol.pid ] || lost+=' patrol'
  # One that has died in the place of one that was mended is new, though they are as many.
  [ "$lost" = "$before" ] || pace=0
  before=$lost
  if [ -n "$lost" ] && [ "$seconds" -ge "$pace" ]; then
    [ "$pace" -lt 31 ] && pace=$((pace * 2 + 1))
  elif [ "$seconds" -lt 60 ] || { [ "$seconds" -lt 180 ] && is_idle; }; then
    return
  fi
  seconds=0
  TSM_HOME=$home "$node" "$program" patrol --quick </dev/null >/dev/null 2>&1
  [ ! -e logs.due ] || due=1
}

# No process used the processor before the last pass (see samples.ts), and since then nothing has logged, begun or ended.
is_idle() {
  local deeds=(under-way/*)
  [[ ${#hot[@]} -eq 0 && idle -nt runners.changed && ! -e ${deeds[0]} ]]
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

# Somebody wants to be told of what happens: when the journal has grown. In the background, one at a time; what comes
# meanwhile is found when it is done.
tell() {
  [ "$teller" -eq 0 ] || ! kill -0 "$teller" 2>/dev/null || return
  local days=(../db/events/*.jsonl)
  [[ ${days[$((${#days[@]} - 1))]} -nt .told ]] || return
  : >.told
  TSM_HOME=$home "$node" "$program" notify deliver </dev/null >/dev/null 2>&1 9>&- &
  teller=$!
}

# The log clock: a line `TIME SIZE` for each log that has grown, where TIME is when it was last written to. Logs that have
# lately been quiet are looked at every fourth second only; what they say then still gets the time of its last line.
write_times() {
  local folder log grown=() still=()
  if [ $((ticks % 4)) -eq 0 ] || [ "$fresh" -eq 1 ]; then
    fresh=0
    # One of the two is a minute old or more: what is newer has been busy of late.
    [ $((ticks % 60)) -ne 0 ] || : >".recent.$((ticks / 60 % 2))"
    for log in "${hot[@]}"; do
      [[ $log -nt .recent.0 || $log -nt .recent.1 ]] && still+=("$log")
    done
    hot=("${still[@]}")
    # Nothing but this test for the quiet: a home may have hundreds.
    for folder in "${folders[@]}"; do
      [[ $folder/current.out -nt $folder/clock.out || $folder/current.err -nt $folder/clock.err ]] && has_grown "$folder"
    done
  else
    for log in "${hot[@]}"; do
      [[ $log -nt ${log%/*}/clock.${log##*.} ]] && grown+=("$log")
    done
  fi
  [ ${#grown[@]} -eq 0 ] || note_sizes "${grown[@]}"
}

# What has grown is hot from now on. The list has a blank before and behind each name; folders have none in theirs.
has_grown() {
  local stream log
  for stream in out err; do
    log=$1/current.$stream
    [[ $log -nt $1/clock.$stream ]] || continue
    grown+=("$log")
    [[ " ${hot[*]} " = *" $log "* ]] || hot+=("$log")
  done
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

# Files that people have named have no clock, but the same limit. One that we have never rotated is asked for once: it may be
# one that is left alone.
watch_named() {
  local entry log limit mine time size grown=() limits=()
  { IFS= read -r limit <log-limit; } 2>/dev/null || limit=10485760
  for entry in "${named[@]}"; do
    log=${entry#*$'\t'}
    [[ $log -nt .named && -O $log && -f $log && ! -L $log ]] || continue
    { IFS= read -r mine <"${entry%%$'\t'*}/launch/log-limit"; } 2>/dev/null || mine=$limit
    grown+=("$log") limits+=("$mine")
  done
  : >.named
  [ ${#grown[@]} -gt 0 ] || return
  while read -r time size log; do
    for entry in "${!grown[@]}"; do
      [ "${grown[$entry]}" = "$log" ] || continue
      [ "$size" -gt "${limits[$entry]}" ] || continue
      [[ -e ${log%/*}/.${log##*/}.rotation || $asked != *"/$log/"* ]] || continue
      asked+="/$log/" due=1
    done
  done < <("${sizes[@]}" "${grown[@]}" 2>/dev/null)
}

# How many runners live, and how many died without saying so. Those it knows are asked each second by their pids; their
# files are read when one is gone and when a new one has said so in runners.changed. Nothing is decided here but when to
# have a closer look: whether a pid is still who it was, the pass of each minute finds out.
look() {
  # Not `changed -nt .looked`: in one tick of the file system's clock both can be written.
  if [ "$dead" -eq 0 ] && [ "$alive" -gt 0 ] && [ .looked -nt runners.changed ]; then
    # All with one question, as that of each in turn takes four times as long. kill is content when one of them lives, and
    # complains of each that does not; on a full disk the pass of each minute finds out.
    kill -0 "${known[@]}" 2>.dead && [ ! -s .dead ] && no_zombies && return
  fi
  read_all
}

# Who was killed is a zombie until PID 1 takes note of it, in a container late or never: kill finds it, its folder nobody.
# So many each second, in turn: to look at hundreds would be most of what an idle second costs.
no_zombies() {
  [ -e /proc/self/stat ] || return 0
  local runner some=("${known[@]:turn:50}")
  turn=$((turn + 50))
  [ "$turn" -lt ${#known[@]} ] || turn=0
  for runner in "${some[@]}"; do [[ -e /proc/$runner/cwd ]] || return 1; done
}

lives() {
  kill -0 "$1" 2>/dev/null || return 1
  [ -e /proc/self/stat ] || return 0
  start_mark_of "$1"
  [ "$REPLY" != 0 ]
}

read_all() {
  local file runner
  local log
  alive=0 dead=0 gone='' known=() folders=() named=() fresh=1
  # Before the files are read: who says so from now on is found by the next look.
  : >.looked
  for file in processes/*/runner.pid; do
    read -r runner _ <"$file" || continue
    if lives "$runner"; then
      alive=$((alive + 1))
      known+=("$runner")
      folders+=("${file%/*}")
      if [ -e "${file%/*}/launch/named-logs" ]; then
        while IFS= read -r log; do named+=("${file%/*}"$'\t'"$log"); done <"${file%/*}/launch/named-logs"
      fi
    else
      dead=$((dead + 1)) gone+=" $runner"
    fi
  done 2>/dev/null
  # The resident patrol, where there is one: it removes its file when it ends in order.
  { read -r runner _ <patrol.pid; } 2>/dev/null || return
  if lives "$runner"; then known+=("$runner"); else dead=$((dead + 1)) gone+=" $runner"; fi
}

# shellcheck source=/dev/null
. "${0%/*}/start-mark.bash" || exit 74
TZ=UTC
LC_ALL=C
main "$@"
exit 0
