# shellcheck shell=bash disable=SC2154,SC2034 # the variables are those of runner.bash
# Sourced by runner.bash in the forked child of a process with limits: sets them on itself, while this is still root's, if
# it is. What makes it nice and another user's is left in `before`.

refuse() {
  echo "tsm: $1" >&2
  exit 126
}

before=()
if [ -n "$nice" ]; then before=(nice -n $((nice - $(nice)))); fi
if [ -n "$limit_nofile" ]; then
  { ulimit -n "$limit_nofile"; } 2>/dev/null || refuse "at most $(ulimit -Hn) files may be open here"
fi
if [ -n "$limit_nproc" ]; then
  { ulimit -u "$limit_nproc"; } 2>/dev/null || refuse "at most $(ulimit -Hu) processes are allowed here"
fi
[ -n "$user_id" ] || return 0
# Not su or sudo: they start a shell or stay as the parent. util-linux has the first, macOS only the second.
if setpriv --reuid="$user_id" --regid="$group_id" --groups="$group_ids" true 2>/dev/null; then
  before+=(setpriv --reuid="$user_id" --regid="$group_id" --groups="$group_ids" --)
elif command -v perl >/dev/null; then
  # shellcheck disable=SC2016 # perl's variables
  become='my ($u, $g, $all) = splice @ARGV, 0, 3; $( = $g; $) = "$g $all"; ($<, $>) = ($u, $u);
    die "tsm: cannot become user $u in group $g\n" if $< != $u || $> != $u || $( != $g || $) != $g;
    exec { $ARGV[0] } @ARGV or die "tsm: cannot execute $ARGV[0]: $!\n"'
  before+=(perl -e "$become" "$user_id" "$group_id" "${group_ids//,/ }")
else
  refuse 'to run as another user takes setpriv (util-linux) or perl'
fi
