import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type Home, makeHome } from "../support/home.ts";
import { meta } from "../support/managed.ts";
import { script } from "../support/scripts.ts";
import { tsm } from "../support/tsm.ts";
import { until } from "../support/until.ts";

function hook(home: Home, name: string, text: string): void {
  mkdirSync(join(home.path, "hooks"), { recursive: true });
  writeFileSync(join(home.path, "hooks", `${name}.sh`), text);
}

function log(home: Home): string {
  const path = join(home.path, "db/hooks.log");
  return existsSync(path) ? readFileSync(path, "utf8") : "";
}

/** What the journal says of hooks that failed. */
function failures(home: Home): string[] {
  const folder = join(home.path, "db/events");
  return readdirSync(folder)
    .flatMap((day) => readFileSync(join(folder, day), "utf8").trimEnd().split("\n"))
    .map((line): unknown => JSON.parse(line))
    .flatMap((event) =>
      typeof event === "object" && event !== null && "event" in event && event.event === "hook-failed"
        ? [JSON.stringify(event).replace(/^\{"time":"[^"]*",/, "{")]
        : [],
    );
}

async function quiet(home: Home): Promise<void> {
  await until("no hook is at work", () => !home.processes().some(({ command }) => command.includes("told.bash")));
}

test.for([
  { text: "echo said; exit 3", why: "exit code 3" },
  { text: "kill -TERM $$", why: "exit code 143" },
  { text: "if true; then", why: "exit code 2" },
])("a hook that fails is said in the journal: $text", async ({ text, why }) => {
  const home = makeHome();
  hook(home, "post_start", text);
  script(home, "app.sh", "exec sleep 600\n");
  await tsm(home, ["start", "app.sh", "--settle", "0"]);
  await until("it is said", () => failures(home).length > 0);
  expect(failures(home)).toEqual([`{"event":"hook-failed","id":0,"name":"app","hook":"post_start","why":"${why}"}`]);
  expect(log(home)).toContain(`post_start of app: ${why}`);
  expect(meta(home, "app").status).toBe("online");
});

test.for([
  { text: "sleep 600", because: "hangs" },
  { text: "trap '' TERM HUP; sleep 600", because: "hears nothing" },
  { text: "sleep 600 &", because: "leaves something behind" },
])("a hook that $because stops no stop and no restart, and is ended in time", async ({ text }) => {
  const home = makeHome();
  await tsm(home, ["config", "set", "hookTimeout", "2"]);
  for (const event of ["post_start", "post_stop", "on_crash"]) hook(home, event, text);
  script(home, "app.sh", "exec sleep 500\n");
  await tsm(home, ["start", "app.sh", "--settle", "0"]);
  // A hook is none of the processes that a stop ends, waits for or counts.
  expect((await tsm(home, ["restart", "app", "--settle", "0"])).code).toBe(0);
  const killed = meta(home, "app").pid;
  process.kill(killed, "SIGKILL");
  await until("it is back", () => meta(home, "app").status === "online" && meta(home, "app").pid !== killed);
  expect((await tsm(home, ["stop", "app"])).stdout).toContain("(1 process, ");
  await quiet(home);
  await until("nothing of it is left", () => home.processes().length === 0);
  expect(failures(home)).toHaveLength(6);
  expect(new Set(failures(home).map((line) => /"why":"([^"]*)"/.exec(line)?.[1]))).toEqual(
    new Set(["was not done after 2 s"]),
  );
});

test("100 MB from a hook are no failure, and 64 KB of them are kept", async () => {
  const home = makeHome();
  hook(home, "post_start", "head -c 100000000 /dev/zero | tr '\\0' x; echo end >done\n");
  script(home, "app.sh", "exec sleep 600\n");
  await tsm(home, ["config", "set", "hookTimeout", "60"]);
  await tsm(home, ["start", "app.sh", "--settle", "0"]);
  await until("it is through", () => existsSync(join(home.folder, "done")));
  await quiet(home);
  expect(statSync(join(home.path, "db/hooks.log")).size).toBeLessThan(66_000);
  expect(failures(home)).toEqual([]);
});

test("the log of the hooks is put aside when it is long", async () => {
  const home = makeHome();
  hook(home, "post_stop", "echo new\n");
  script(home, "app.sh", "exec sleep 600\n");
  await tsm(home, ["start", "app.sh", "--settle", "0"]);
  writeFileSync(join(home.path, "db/hooks.log"), "old\n".repeat(400_000));
  await tsm(home, ["stop", "app"]);
  await until("the hook has spoken", () => log(home).endsWith("new\n"));
  expect(log(home)).not.toContain("old");
  expect(readFileSync(join(home.path, "db/hooks.log.1"), "utf8")).toContain("old");
});

test("a folder of the name of a hook is none", async () => {
  const home = makeHome();
  mkdirSync(join(home.path, "hooks/post_start.sh"), { recursive: true });
  script(home, "app.sh", "exec sleep 600\n");
  expect((await tsm(home, ["start", "app.sh", "--settle", "0"])).code).toBe(0);
  expect(log(home)).toBe("");
});
