# shellcheck shell=bash
# Sourced by whoever has to tell a process from a later one with its pid, and by who has to wait without a fork.

# The kernel's start mark of a process: see Identity in src/platform/platform.ts. 0 when it is gone or a zombie.
start_mark_of() {
  local stat
  REPLY=0
  if [ -e /proc/self/stat ]; then
    { IFS= read -r stat <"/proc/$1/stat"; } 2>/dev/null || return 0
    # After the last ')': the name before it may hold anything. The mark is the 22nd field of the line.
    # shellcheck disable=SC2086 # the fields are numbers
    set -- ${stat##*) }
    case $1 in Z | X | x) ;; *) REPLY=${20} ;; esac
  else
    stat=$(LC_ALL=C TZ=UTC ps -o lstart= -p "$1") || return 0
    REPLY=$(LC_ALL=C TZ=UTC date -j -f '%a %b %d %T %Y' "$stat" +%s 2>/dev/null) || REPLY=0
  fi
}

# pipe_to_itself PATH: one to wait with, as descriptor 9. Linux opens both ends of one without a name, which needs no program
# to make it and no disk on which one can be made: since 5.1 a here-string is handed over in one, and that saves a fork too.
pipe_to_itself() {
  if [ -e /proc/self/stat ]; then
    exec 9<<<''
    [ -p /dev/fd/9 ] || exec 9< <(:)
    exec 9<>/dev/fd/9 || exit 74
    read -r -t 0 -u 9 && read -r -u 9
  else
    [ -p "$1" ] || mkfifo -m 600 "$1" || exit 74
    exec 9<>"$1" || exit 74
  fi
}
