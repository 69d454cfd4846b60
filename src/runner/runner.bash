#!/usr/bin/env bash
# shellcheck disable=SC2034,SC2154 # some variables are those of the files that it reads

# The parent of one managed process: starts it, learns how it ended, brings it back by policy, keeps meta.json true.
# Bash 3.2 (macOS) runs it. It is handed numbers and files, never logic:
#   runner.bash FOLDER TOKEN     the process's folder; everything below is inside it
#   runner.bash FOLDER TOKEN adopt   the process in settings lost its runner: watch it, or go on from its unseen end
#   runner.bash                  many runners, forked: see fork-server.bash
#   launch/argv                  the argument vector, each word ended by NUL
#   launch/env                   the environment to begin with, KEY=VALUE, each ended by NUL
#   launch/overlay               KEY=VALUE that win over it (env file, PORT, TSM_*), each ended by NUL
#   launch/settings              name=value, each ended by NUL (see below). `token` is the TOKEN of this start:
#                                a runner whose tsm was killed may come so late that another start has taken its place
#   launch/hook                  where there is a pre-hook: the words before the argument vector (see into-hook.bash)
#   launch/stamp.json            where a stamper is wanted: what it is handed (see stamper.cjs)
#   launch/memory                where the kernel is to limit its memory: group and bytes, a line each (see into-group.bash)
# TERM means: stop for good. The file `stop` in the folder, when there, holds the seconds until KILL, who wants it and, where
# it is to be KILL from the first, that.
# USR1 means: look for the file `reset`, which zeroes the counters; for `ready` (PID), whose process is online from now
# on; for `failed` (PID, seconds until KILL, why, fit to stand in JSON), whose process did not get ready and is ended;
# for `bound` (PID, PORT), whose process listens on that port instead of the declared one; and for `limits`, whose lines
# are the niceness and the two limits of the next life, empty where there is none.
# It is read in the order in which things happen, and bash reads a script as it goes: while the first life lasts, what only
# its end needs is not in memory. A function costs twenty times its text, and there is one of these for each process:
# of each function the build makes a text (see src/build/runner-files.mjs).
# Functions that answer leave it in REPLY: a substitution would fork.
# Lengths of time are milliseconds of a clock that does not jump (see monotonic).

TZ=UTC
LC_ALL=C

# It was low until bash had begun (see resident-bash.ts).
[ -z "${TSM_NPROC-}" ] || ulimit -Su "$TSM_NPROC"
# GLIBC_TUNABLES is for bash alone.
unset TSM_NPROC GLIBC_TUNABLES
# shellcheck source=/dev/null
if [ $# -eq 0 ]; then . "${0%/*}/fork-server.bash" && exit; fi

# Of a forked one $$ is who forked it. Bash 3.2, which does not know this name, forks none.
self=${BASHPID:-$$}
folder=$1
cd "$folder/launch" || exit 1
# Bash reads the words of a file one by one, and since 4.4 all at once.
words_of() {
  words=()
  mapfile -d '' -t words <"$1" 2>/dev/null && return
  while IFS= read -r -d '' word; do words+=("$word"); done <"$1"
}
# Only names it knows; a value is text and is never evaluated.
words_of ./settings
for entry in "${words[@]}"; do
  value=${entry#*=}
  case ${entry%%=*} in
    token) token=$value ;;
    name) name=$value ;;
    cwd) cwd=$value ;;
    events) events=$value ;;
    subject) subject=$value ;;
    boot_id) boot_id=$value ;;
    out) out=$value ;; # the files of its streams; /dev/null: nothing is kept
    err) err=$value ;;
    pipe_out) pipe_out=$value ;; # the pipes to the stamper; empty: the stream is its file
    pipe_err) pipe_err=$value ;;
    stamper)
      stamper_words=$value # node and its file, a newline between
      ;;
    policy) policy=$value ;;
    trial) trial=$value ;;                     # ms: a first life that is shorter, or never ready, is the last; 0: no such length
    reserved) reserved=$value ;;               # 1: the record says already that a start is under way
    port_hex) port_hex=$value ;;               # the declared port as /proc/net/tcp spells it; empty: none
    restart_delay) restart_delay=$value ;;     # ms; empty: backoff
    max_backoff) max_backoff=$value ;;         # ms
    backoff) backoff=$value ;;                 # ms before the first restart too; empty: at once, then 100
    min_uptime) min_uptime=$value ;;           # ms
    max_restarts) max_restarts=$value ;;       # in a row that did not last
    first_phase) first_phase=$value ;;         # what a new process is: online, or starting until somebody says ready
    phase) phase=$value ;;                     # when adopting: which of both it is
    offsets) offsets=$value ;;                 # 1: note how long the logs are when a life begins, for `--ready log:`
    run) run=$value ;;                         # the number of the first life; when adopting, of this one
    logs) logs=$value ;;                       # size and inode of both logs before the first life: see src/core/log-clock.ts
    stop_exit_codes) stop_exit_codes=$value ;; # ,0,3,
    kill_signal) kill_signal=$value ;;
    kill_timeout) kill_timeout=$value ;;       # seconds
    treekill) treekill=$value ;;               # empty: a stop ends the process alone, not its group
    hook_seconds)
      hook_seconds=$value
      ;;
    pid_file) pid_file=$value ;;               # a file of somebody's that holds the pid too; empty: none
    nice) nice=$value ;; # this and the next five: empty when nobody asked
    limit_nofile) limit_nofile=$value ;;
    limit_nproc) limit_nproc=$value ;;
    user_id) user_id=$value ;;
    group_id)
      group_id=$value
      ;;
    group_ids)
      group_ids=$value # 33,4
      ;;
    restarts) restarts=$value ;;
    unstable_restarts) unstable_restarts=$value ;;
    last_exit) last_exit=$value ;;
    actual_port) actual_port=$value ;; # null: nobody has seen that it listens on another than the declared one
    status) recorded=$value ;; # when adopting: what its last runner said
    pid) pid=$value ;; # when adopting: whom
    mark) mark=$value ;;
    started) started=$value ;;
    meta_head) meta_head=$value ;; # the parts of meta.json that never change while this runner lives
    meta_body) meta_body=$value ;;
    meta_tail) meta_tail=$value ;;
  esac
done
[ "$token" = "$2" ] || exit 75
# 1 is init, and to `kill` the group of that name is everybody. Whatever a record says, no process of ours bears it.
case $pid in '' | *[!0-9]* | 0 | 1) pid=0 mark=0 ;; esac
words_of ./argv
argv=("${words[@]}")
words_of ./env
environment=("${words[@]}")
words_of ./overlay
environment+=("${words[@]}")
# To begin a life, as text: as functions it would be twenty times as long.
IFS= read -r -d '' life <"${0%/*}/begin-life.bash"
IFS= read -r -d '' enter <"${0%/*}/enter-life.bash"
unset entry value word words
unset -f words_of
# What it executes is known by its name, as that of others is; `top` and `pstree` show whose it is.
if [ -n "$forked" ]; then
  export TSM_RUNNER=$name
  { printf 'tsm:%s' "$name" >"/proc/$self/comm"; } 2>/dev/null
fi
running='' in_hook='' stopping='' asked_by=user at_once='' killer=0 announced='' adopting='' retry_at=0 reason='' failing='' before=()
stamps=$pipe_out$pipe_err

# shellcheck source=/dev/null
[ -n "$forked" ] || . "${0%/*}/watch-life.bash" || exit 74

# What stands between the process and its logs, where somebody asked for it.
# shellcheck source=/dev/null
[ -z "$stamps" ] || . "${0%/*}/stamper.bash" || exit 74

### The first life

start_mark_of "$self"
runner_mark=$REPLY
# Both are heard when there is somebody to pass them on to.
early_term='' early_usr1=''
trap early_term=1 TERM
trap early_usr1=1 USR1
# A handler, not '': what is ignored here would be ignored in the process too.
trap : HUP INT QUIT CHLD
pipe_to_itself "$folder/.jobs"
umask >&9 && read -r mask <&9
umask 077
[ . -ef "$folder/launch" ] || exit 75
if [ "$3" != adopt ]; then
  pid=0 mark=0 started=0
  # A restart that is cut off from here on may have left a process; what its record says until then is that none runs.
  [ -n "$reserved" ] || write_meta starting || exit 74
fi
[ -d new ] || mkdir new || exit 74 # of an older version's start
# By where it stands a forked one is known (see src/core/tree.ts).
[ -n "$forked" ] || cd / || exit 1
[ -z "$stamps" ] || open_pipes "$3" || exit 74
# For the ticker: this runner lives. Who ends in order removes it again.
if ! { printf '%s %s\n' "$self" "$runner_mark" >"$folder/runner.pid" && : >"$folder/../../runners.changed"; }; then
  [ "$3" != adopt ] || rm -f "$folder/runner.pid"
  exit 74
fi
if [ "$3" != adopt ]; then eval "$life"; fi

trap on_term TERM
trap on_usr1 USR1
[ -z "$early_usr1" ] || on_usr1
[ -z "$early_term" ] || on_term
[ "$3" = adopt ] || watch_life
# Until the life above has ended, this has not been read.
if [ "$3" = adopt ]; then
  # What is in settings has lost its runner. How it ends only a parent can learn; that it ends anybody can.
  if [ -e /proc/self/stat ]; then
    born=$((mark * 10))
  else
    monotonic
    born=$REPLY
  fi
  if adopted_lives; then
    running=1 adopting=1
    write_meta "$phase" || { rm -f "$folder/runner.pid" && exit 74; }
    announced=1
    journal adopt "\"pid\":$pid"
    # Bash 3.2 knows whole seconds only.
    pace=.4
    [ "${BASH_VERSINFO[0]}" -ge 4 ] || pace=1
    while adopted_lives; do
      [ "$killer" -eq 0 ] || look
      [ -z "$stamps" ] || keep_stamper
      # A sleep without a fork; on_term writes into the pipe to end it.
      read -r -t "$pace" -u 9 _
    done
    running='' adopting=''
  fi
fi

### Its end, and all that follows

# A life has ended: what is known of that goes on record, and nothing of it is left behind.
end_life() {
  read_verdict
  record_exit
  end_leftovers
}

# "Done", "Exit 3", "Killed", "Segmentation fault (core dumped)" to JSON values: code, signal, core.
read_verdict() {
  signal=null core=false
  case $verdict in
    Done*) code=0 ;;
    Exit*)
      code=${verdict#Exit }
      code=${code%%[!0-9]*}
      ;;
    *)
      # Not yet taken by `wait` when TERM to this runner ended the last one; 127 when it was. CHLD may end the first of these.
      for taken in 1 2; do
        wait "$pid"
        taken=$?
        [ "$taken" -eq 127 ] || code=$taken
      done
      # What bash has lost (see watch_life) nobody knows.
      if [ "$code" -lt 0 ]; then
        code=null
      elif [ "$code" -gt 128 ]; then
        signal="\"SIG$(kill -l $((code - 128)))\""
        # Of that nobody ends: it is what ended `wait`.
        [ "$signal" != '"SIGCHLD"' ] || signal=null
        code=null
      fi
      case $verdict in *"core dumped"*) core=true ;; esac
      ;;
  esac
}

# The end of a life goes on record.
record_exit() {
  if [ "$killer" -ne 0 ]; then kill "$killer" 2>/dev/null; fi
  killer=0
  monotonic
  up=$((REPLY - born))
  local by=crash
  [ -n "$failing" ] && by=health
  [ -n "$stopping" ] && by=$asked_by
  now
  last_exit="{\"code\":$code,\"signal\":$signal,\"core\":$core,\"at\":$REPLY,\"uptime\":$((up / 1000)),\"by\":\"$by\"}"
  journal exit "\"pid\":$pid,\"run\":$run,\"exit\":$last_exit"
  # shellcheck source=/dev/null
  [ -n "$stopping" ] || [ "$code$failing" = 0 ] || . "${0%/*}/tell.bash" on_crash
}

# The leader is gone, its group may not be. Before a restart and after a stop nothing of it is left running.
end_leftovers() {
  [ -n "$treekill" ] && [ "$pid" -gt 1 ] || return 0
  decide
  [ -n "$stopping" ] || [ "$REPLY" = restart ] || return 0
  # A pid is given out again only when its group is empty: then nothing is left, and the number is a stranger's.
  start_mark_of "$pid"
  [ "$REPLY" = 0 ] || [ "$REPLY" = "$mark" ] || return 0
  group_lives || return 0
  kill -TERM -- "-$pid" 2>/dev/null
  kill -CONT -- "-$pid" 2>/dev/null
  monotonic
  local deadline=$((REPLY + ${kill_timeout%%.*} * 1000 + 1000))
  while group_lives; do
    monotonic
    [ "$REPLY" -ge "$deadline" ] && kill -KILL -- "-$pid" 2>/dev/null && return
    pause 0.02
  done
}

# Does somebody of the group live? Zombies do not: where PID 1 reaps late, `kill -0` finds them for seconds.
group_lives() {
  kill -0 -- "-$pid" 2>/dev/null || return 1
  if [ ! -e /proc/self/stat ]; then
    # shellcheck disable=SC2009 # pgrep finds zombies too
    LC_ALL=C ps -axo pgid=,stat= | grep -q "^ *$pid  *[^Z ]"
    return
  fi
  local file stat
  for file in /proc/[0-9]*/stat; do
    # To its end, not to a newline: the name may hold one.
    { IFS= read -r -d '' stat <"$file"; } 2>/dev/null
    stat=${stat##*) }
    # State, parent, group.
    case $stat in [ZX]*) continue ;; esac
    stat=${stat#? * }
    [ "${stat%% *}" = "$pid" ] && return 0
  done
  return 1
}

# What the policy makes of this exit: restart, stopped or crashed. An exit that nobody saw counts as a failure.
decide() {
  REPLY=stopped
  [ -n "$stopping" ] && return
  is_disowned && return
  local end=$code policy=$policy why=$failing
  # Nothing of it has run yet, whatever the hook ended with.
  if [ -e "$folder/launch/hook" ] && [ ! -s "$folder/hooked" ]; then end=failed why=${why:-its pre-hook failed}; fi
  # Nobody asked for more: what does not come through its own start has failed.
  if [ "$trial" -gt 0 ] && { [ "$phase" = starting ] || [ "$end" = failed ] || { [ "$first_phase" = online ] && [ "$up" -lt "$trial" ]; }; }; then
    policy=no
  elif [ "$trial" -gt 0 ] && [ "$end" != 0 ] && [ "$up" -lt "$min_uptime" ] && port_is_held; then
    # Another was quicker on its port: so has that start, which came too late.
    policy=no why=${why:-its port is held by another process}
  fi
  # Ended because it did not get ready: a failure, whatever it made of that.
  [ -z "$failing" ] || end=failed
  case $stop_exit_codes in *",$end,"*) return ;; esac
  case $policy in
    always) REPLY=restart ;;
    on-failure) [ "$end" = 0 ] || REPLY=restart ;;
    *) [ "$end" = 0 ] || REPLY=crashed ;;
  esac
  reason=$why
  [ "$REPLY" = restart ] || return
  [ "$up" -lt "$min_uptime" ] || [ -n "$why" ] || unstable_restarts=0
  [ "$unstable_restarts" -lt "$max_restarts" ] && return
  REPLY=crashed
  reason="gave up after $unstable_restarts restarts that did not last${why:+: $why}"
  [ "$unstable_restarts" -ne 1 ] || reason=${reason/restarts/restart}
}

# The first restart at once, the next after 100 ms, 200 ms, … up to the cap, each a quarter more or less by chance.
# A port that a stranger holds is waited for: no restart could succeed, so none is spent.
wait_for_turn() {
  local delay=0 doublings=$unstable_restarts
  if [ -n "$restart_delay" ]; then
    delay=$restart_delay
  elif [ "$unstable_restarts" -gt 0 ] || [ -n "$backoff" ]; then
    [ -n "$backoff" ] || doublings=$((doublings - 1))
    [ "$doublings" -gt 20 ] && doublings=20
    delay=$((${backoff:-100} << doublings))
    [ "$delay" -gt "$max_backoff" ] && delay=$max_backoff
    delay=$((delay * (75 + RANDOM % 51) / 100))
  fi
  if [ "$up" -lt "$min_uptime" ] || [ -n "$reason" ]; then unstable_restarts=$((unstable_restarts + 1)); fi
  if [ "$delay" -gt 0 ]; then
    monotonic
    retry_at=$((REPLY + delay))
    write_meta waiting
    pause "$((delay / 1000)).$(((delay / 100) % 10))$(((delay / 10) % 10))$((delay % 10))"
  fi
  retry_at=0 reason=''
  while [ -z "$stopping" ] && ! is_disowned && port_is_held; do
    if [ -z "$reason" ]; then
      reason='its port is held by another process'
      write_meta waiting
      journal port-held "\"pid\":$pid"
    fi
    pause 1
  done
}

# Does anybody listen on the declared port? Whoever it is, it is none of ours any more.
port_is_held() {
  [ -n "$port_hex" ] || return 1
  local file place state
  for file in /proc/net/tcp /proc/net/tcp6; do
    [ -r "$file" ] || continue
    while read -r _ place _ state _; do
      # The kernel lists who listens first; all behind are connections.
      [ "$state" = 0A ] || { [ "$state" = st ] || break; }
      [ "$state" = 0A ] && [ "${place##*:}" = "$port_hex" ] && return 0
    done <"$file"
  done
  return 1
}

# Size and inode of both logs, in one fork. A log that was moved away is made anew.
measure_logs() {
  local file
  # A link where its own log was may lead anywhere, and nobody can write to a folder: what is in it is kept beside the log.
  # A link to a file that a person has named is followed.
  for file in "$folder/current.out" "$folder/current.err"; do
    [ ! -L "$file" ] || rm -f "$file"
    [ ! -d "$file" ] || mv "$file" "$file.folder.$RANDOM"
  done
  { : >>"$out" && : >>"$err"; } 2>/dev/null
  if [ -e /proc/self/stat ]; then
    logs=$(stat -c '%s %i' "$out" "$err" 2>/dev/null)
  else
    logs=$(stat -f '%z %i' "$out" "$err" 2>/dev/null)
  fi
}

# A sleep that TERM ends at once, and no other signal.
pause() {
  sleep "$1" &
  while [ -z "$stopping" ] && kill -0 $! 2>/dev/null; do wait $!; done
  [ -n "$stopping" ] && kill $! 2>/dev/null
  return 0
}

# What it said last, for whoever asks why it is not brought back.
keep_last_words() {
  tail -n 20 "$err" 2>/dev/null | tail -c 8192 >"$folder/.words.$self" 2>/dev/null &&
    mv -f "$folder/.words.$self" "$folder/last-words" && return
  rm -f "$folder/.words.$self"
}

if [ "$3" != adopt ]; then
  end_life
elif [ "$announced$recorded" = waiting ]; then
  # Its exit is on record, and the count holds the restart that it waits for.
  code=${last_exit#*'"code":'}
  code=${code%%,*}
  up=$min_uptime
  [ "$unstable_restarts" -gt 0 ] && up=0 && unstable_restarts=$((unstable_restarts - 1))
  write_meta waiting || { rm -f "$folder/runner.pid" && exit 74; }
  announced=1
  journal adopt "\"pid\":$pid"
else
  code=null signal=null core=false
  record_exit
  # Of what had ended before, whoever asked for this has seen to what it left behind.
  [ -z "$announced" ] || end_leftovers
fi
while :; do
  decide
  [ "$REPLY" = restart ] || break
  wait_for_turn
  REPLY=stopped
  [ -n "$stopping" ] && break
  is_disowned && break
  restarts=$((restarts + 1)) run=$((run + 1)) trial=0
  measure_logs
  # Empty until the pre-hook of this life is done. Before the first one it is made so with the launch files.
  [ ! -e "$folder/launch/hook" ] || : >"$folder/hooked"
  eval "$life"
  watch_life
  end_life
done
status=$REPLY
if is_disowned; then
  [ -d "$folder" ] || rm -f ${pid_file:+"$pid_file"}
  [ -n "$stopping" ] || journal gave-up "\"run\":$run,\"reason\":\"its record is gone\""
  exit 0
fi
[ -z "$stamps" ] || drain
[ "$status" = crashed ] && keep_last_words
rm -f "$folder/$name.pid" "$folder/stop" "$folder/runner.pid" ${pid_file:+"$pid_file"}
write_meta "$status"
# Who was never to be brought back has just ended.
[ "$status" = stopped ] || [ "$policy" = no ] ||
  journal gave-up "\"run\":$run,\"reason\":\"${reason:-it ended while it was started}\""
event=post_stop
[ "$status" != crashed ] || event=on_errored
# shellcheck source=/dev/null
. "${0%/*}/tell.bash" "$event"
exit 0
