# shellcheck shell=bash disable=SC2154 # the variables are those of runner.bash
# Sourced by enter-life.bash, while this is still root's, if it is, where the kernel is to limit the memory of
# the process: see src/core/held-memory.ts. What fails leaves it where it is, and tsm samples.

{ IFS= read -r group && IFS= read -r most; } <"$folder/launch/memory"
{
  # A group that is new counts its kills from 0.
  rmdir "$group"
  [ -d "$group" ] || mkdir "$group"
  given='' && IFS= read -r given <"${group%/*}/cgroup.subtree_control"
  case " $given " in
    *" memory "*) ;;
    *) echo +memory >"${group%/*}/cgroup.subtree_control" ;;
  esac
  # All of it is killed, or none: half a service is none. And it is not swapped out instead. Older kernels have neither.
  # 0 is whoever writes it.
  if echo "$most" >"$group/memory.max"; then
    echo 1 >"$group/memory.oom.group"
    echo 0 >"$group/memory.swap.max"
    echo 0 >"$group/cgroup.procs" || rmdir "$group"
  else
    rmdir "$group"
  fi
} 2>/dev/null
