#!/usr/bin/env bash
# Runs the hook of an event, for a limited time, leader of a process group of its own:
#   told.bash FILE EVENT SECONDS HOME SUBJECT [-c]
# What it says goes to HOME/db/hooks.log, of each run the first 64 KB; the log of before is kept at 1 MB. That it failed is
# said in the journal. SUBJECT is what the journal calls the process, as JSON. With -c FILE is a command.

file=$1 event=$2 seconds=$3 home=$4 subject=$5 as=$6
PATH=$PATH:/usr/bin:/bin:/usr/sbin:/sbin
log=$home/db/hooks.log

now() {
  { printf -v REPLY '%(%Y-%m-%dT%H:%M:%SZ)T' -1; } 2>/dev/null || REPLY=$(date -u +%Y-%m-%dT%H:%M:%SZ)
}

failed() {
  now
  printf '%s %s: %s\n' "$REPLY" "$event of $TSM_NAME" "$1" >>"$log"
  printf '{"time":"%s","event":"hook-failed",%s,"hook":"%s","why":"%s"}\n' "$REPLY" "$subject" "$event" "$1" \
    >>"$home/db/events/${REPLY%%T*}.jsonl"
}

end_in_time() {
  trap 'kill $! 2>/dev/null; exit 0' TERM
  sleep "$seconds" &
  wait $!
  failed "was not done after $seconds s"
  kill -KILL 0
}

zone=(${TZ+"TZ=$TZ"})
TZ=UTC
mask=$(umask)
umask 077
mkdir -p "$home/db/events"
if [ -n "$(find "$log" -size +1024k 2>/dev/null)" ]; then mv -f "$log" "$log.1"; fi
now
printf '%s %s: %s\n' "$REPLY" "$event of $TSM_NAME" "$file" >>"$log"
end_in_time &
watcher=$!
(umask "$mask" && exec env -u TZ -u BASH_ENV -- "${zone[@]}" "$BASH" ${as:+"$as"} "$file") 2>&1 | {
  head -c 65536 >>"$log"
  cat >/dev/null
}
status=${PIPESTATUS[0]}
kill "$watcher" 2>/dev/null
[ "$status" -eq 0 ] || failed "exit code $status"
exit 0
