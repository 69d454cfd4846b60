# shellcheck shell=bash disable=SC2317 # traps call functions
# The shell in which a pre-hook is sourced, and which then becomes the process:
#   pre-hook.bash HOOK SECONDS TETRA_DIR PROGRAM COMMAND [ARGUMENT…]
# It begins in the process's folder and environment, but with an empty BASH_ENV. PROGRAM, when not empty, is looked up
# again once the hook is done: a hook that activates another python is to be followed.
# Open are 3 launch/env, 4 launch/overlay, 8 launch/after-hook, lines of the env file with references \x01NAME:FALLBACK\x02
# to what the hook may change, 57 what is written to when the hook is done, 58 the hook, for who may not open it.
# Bash 3.2 runs it. Its names begin with tsm__, and it has nothing else of its own: the rest belongs to the hook.

tsm__hook=$1 tsm__source=$1 tsm__seconds=$2 tsm__program=$4
# Lent, not exported.
[ -n "${TETRA_DIR:-}" ] || TETRA_DIR=$3
shift 4
tsm__argv=("$@") tsm__folder=$PWD tsm__end=() tsm__path=''
set -- # What the hook gets is what it is called with: nothing.

# What bash adds or changes by itself is as it was handed over; what the hook has changed stays; the overlay wins.
tsm__bash_env=() tsm__late=() tsm__names=' '
while IFS= read -r -d '' tsm__entry; do
  tsm__late+=("$tsm__entry") tsm__names+="${tsm__entry%%=*} "
  # The hook meets what stands there without the env file: it would see its PATH twice.
  unset -v "${tsm__entry%%=*}" 2>/dev/null
done <&8
while IFS= read -r -d '' tsm__entry; do
  case $tsm__entry in
    _=* | SHLVL=* | PWD=* | OLDPWD=*) tsm__end+=("$tsm__entry") ;;
    BASH_ENV=*) tsm__bash_env=("$tsm__entry") ;;
  esac
  case $tsm__names in *" ${tsm__entry%%=*} "*) export "${tsm__entry?}" 2>/dev/null ;; esac
done <&3
while IFS= read -r -d '' tsm__entry; do
  tsm__end+=("$tsm__entry")
  case $tsm__entry in PATH=*) tsm__path=${tsm__entry#PATH=} ;; esac
done <&4
if [ -r "$tsm__hook" ]; then exec 58<&-; else tsm__source=/dev/fd/58; fi
exec 3<&- 4<&- 6<&- 8<&-

# Ends all of it when the time is up. No child of this shell: a hook may wait for its own.
tsm__watch() {
  local left=$tsm__seconds
  trap 'kill $! 2>/dev/null; exit 0' TERM
  exec 57>&- 58>&-
  while [ "$left" -gt 0 ]; do
    PATH=$PATH:/usr/bin:/bin sleep 1 &
    wait $!
    # The shell may be gone without a word to this: its pid stays its own while this is in its group.
    kill -0 $$ 2>/dev/null || exit 0
    left=$((left - 1))
  done
  echo "tsm: the hook $tsm__hook was not done after $tsm__seconds s" >&2
  kill -KILL 0
}

# The start ends here. `return` is what ends a hook, so even exit 0 is none that it can have meant.
tsm__fail() {
  trap - EXIT
  set +eux
  builtin echo "tsm: the hook $tsm__hook $2" >&2
  builtin kill "$tsm__watcher" 2>/dev/null
  [ "$1" -ne 0 ] || set -- 1
  builtin exit "$1"
}

# `[ -s FILE ] && source FILE` as its last line: that there is no such file is no failure.
tsm__ends_in_a_test() {
  local line last=''
  while IFS= read -r line || [ -n "$line" ]; do
    line=${line#"${line%%[![:space:]]*}"}
    case $line in '' | '#'*) ;; *) last=$line ;; esac
  done <"$tsm__source"
  case $last in '[ '*' && '* | '[[ '*' && '* | 'test '*' && '*) return 0 ;; esac
  return 1
}

tsm__watcher=$(tsm__watch >&2 & echo $!)
tsm__broken=''
trap 'tsm__fail $? "ended the start with exit code $? (return is what ends a hook)"' EXIT
trap '[ "${#BASH_SOURCE[@]}" -lt 2 ] || tsm__broken=1' ERR
# shellcheck source=/dev/null
source "$tsm__source"
tsm__status=$?
{ set +eux; } 2>/dev/null
builtin trap - ERR DEBUG RETURN
if [ "$tsm__status" -ne 0 ] && { [ "$tsm__status" -ne 1 ] || [ -n "$tsm__broken" ] || ! tsm__ends_in_a_test; }; then
  tsm__fail "$tsm__status" "failed with exit code $tsm__status"
fi
builtin cd "$tsm__folder" || tsm__fail 126 "has left no folder to run in"
builtin kill "$tsm__watcher" 2>/dev/null
# What is ignored here would be ignored in the process too.
builtin trap - EXIT HUP INT QUIT ILL TRAP ABRT FPE USR1 SEGV USR2 PIPE ALRM TERM CHLD CONT TSTP TTIN TTOU
for tsm__entry in "${tsm__late[@]}"; do
  tsm__value=''
  while case $tsm__entry in *$'\2'*) ;; *) false ;; esac do
    tsm__name=${tsm__entry%%$'\2'*} tsm__entry=${tsm__entry#*$'\2'}
    tsm__before=${tsm__name%$'\1'*} tsm__name=${tsm__name##*$'\1'}
    tsm__fallback=${tsm__name#*:} tsm__name=${tsm__name%%:*}
    tsm__found=${!tsm__name:-$tsm__fallback}
    # In a fallback: what it is part of is still to be read, and takes no marks that are none of the file's.
    case $tsm__before in
      *$'\1'*) tsm__entry=$tsm__before${tsm__found//[$'\1\2']/}$tsm__entry ;;
      *) tsm__value+=$tsm__before$tsm__found ;;
    esac
  done
  tsm__end+=("$tsm__value$tsm__entry")
  case $tsm__value$tsm__entry in PATH=*) tsm__path=${tsm__value#PATH=}$tsm__entry ;; esac
done
if [ -n "$tsm__program" ]; then
  tsm__found=$(PATH=${tsm__path:-$PATH} && builtin type -P "$tsm__program")
  case $tsm__found in *=*) ;; /*) tsm__argv[0]=$tsm__found ;; esac
fi
tsm__unset=(-u _ -u SHLVL -u PWD -u OLDPWD)
if [ -z "${BASH_ENV:-}" ]; then
  tsm__unset+=(-u BASH_ENV)
  tsm__end=("${tsm__bash_env[@]}" "${tsm__end[@]}")
fi
# A hook may have said set -a.
builtin export -n "${!tsm__@}"
builtin echo over >&57
exec 57>&- 58<&-
exec /usr/bin/env "${tsm__unset[@]}" -- "${tsm__end[@]}" "${tsm__argv[@]}"
