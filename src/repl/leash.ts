import type { ChildProcess } from "node:child_process";

/**
 * Ends the groups of what runs behind the prompt when the shell cannot: a shell that is killed with KILL closes the pipe that
 * this one reads. TERM, and KILL a second later, as when a shell ends by itself.
 */
const program = `
held=" "
while read -r does group; do
  case $does in
    hold) held="$held$group " ;;
    free) held=\${held/" $group "/ } ;;
  esac
done
end() { for group in $held; do kill -"$1" -- -"$group"; done; } 2>/dev/null
[ "$held" = " " ] && exit
end TERM
end CONT
sleep 1
end KILL
`;

type Spawn = typeof import("node:child_process").spawn;

let watcher: ChildProcess | undefined;

/** From now on the group ends with this program, however that ends. */
export function hold(group: number, spawn: Spawn, path: string | undefined): void {
  watcher ??= startWatcher(spawn, path);
  tell(`hold ${group}\n`);
}

/** Nobody is left in it: its number may be given to others. */
export function free(group: number): void {
  tell(`free ${group}\n`);
}

function tell(text: string): void {
  watcher?.stdin?.write(text);
}

function startWatcher(spawn: Spawn, path: string | undefined): ChildProcess {
  // A session of its own: what ends the terminal's processes ends them first, and then this one has its work to do.
  const child = spawn("bash", ["-c", program], {
    detached: true,
    env: { PATH: path },
    stdio: ["pipe", "ignore", "ignore"],
  });
  const gone = (): void => {
    if (watcher === child) watcher = undefined;
  };
  // Without it jobs live as they would without this file.
  child.on("error", gone).on("exit", gone);
  child.stdin?.on("error", gone);
  child.unref();
  return child;
}
