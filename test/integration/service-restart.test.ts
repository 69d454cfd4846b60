import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { hasty, makeHome } from "../support/home.ts";
import { freePort } from "../support/ports.ts";
import { pidOf, readMeta } from "../support/record.ts";
import { script, seenIn, showing } from "../support/scripts.ts";
import { define, definitionOf } from "../support/services.ts";
import { tsm, tsmJson } from "../support/tsm.ts";

describe("restart of a service", () => {
  test("follows its file as it is now, under its name and id", async () => {
    const home = hasty(makeHome());
    script(home, "sub/show.cjs", showing);
    script(home, "sub/other.env", "FROM=other\n");
    const port = await freePort();
    define(home, "tetra/app", "TSM_COMMAND='sleep 600'\n");
    await tsm(home, ["start", "app"]);
    define(
      home,
      "tetra/app",
      `TSM_COMMAND=(node show.cjs "a b")\nTSM_CWD=${home.folder}/sub\nTSM_PORT=${port}\nTSM_ENV=other.env\nTSM_RESTART=always\nTSM_MAX_MEMORY=900M\n`,
    );
    const restarted = await tsm(home, ["restart", "app"]);
    expect(restarted).toMatchObject({ code: 0, stderr: "" });
    expect(restarted.stdout).toContain("tsm: restarted 'app-auto' (TSM ID: 0, PID: ");
    const seen = await seenIn(join(home.folder, "sub"));
    expect(seen).toMatchObject({ argv: ["a b"], env: { PORT: String(port), FROM: "other", TSM_NAME: "app-auto" } });
    expect(readMeta(home, "app-auto")).toMatchObject({ restarts: 1, port, restart_policy: "always" });
    define(home, "tetra/app", "TSM_COMMAND='sleep 700'\n");
    await tsm(home, ["restart", "app"]);
    expect(readMeta(home, "app-auto")).toMatchObject({ port: "none", restart_policy: "on-failure", env_file: "" });
    expect(await tsmJson(home, ["info", "app-auto"])).toMatchObject({ oversight: { maxMemory: null } });
  });

  test("what its start was asked for still wins, and so do its limits, its logs and its environment", async () => {
    const home = hasty(makeHome());
    script(home, "show.cjs", showing);
    script(home, "asked.env", "FROM=asked\n");
    const port = await freePort();
    define(home, "tetra/app", "TSM_COMMAND='node show.cjs one'\nTSM_READY=cmd:true\n");
    const flags = ["--port", String(port), "--name", "mine", "--env", "./asked.env", "--restart", "no"];
    const places = ["--nice", "3", "--output", "out.log", "--ready", "cmd:exit 0"];
    expect(await tsm(home, ["start", "app", ...flags, ...places], { env: { KEPT: "1" } })).toMatchObject({ code: 0 });
    const before = (await seenIn(home.folder)).pid;
    define(
      home,
      "tetra/app",
      "TSM_COMMAND='node show.cjs two'\nTSM_PORT=1\nTSM_ENV=none\nTSM_RESTART=always\nTSM_READY=port\n",
    );
    expect(await tsm(home, ["restart", "mine"], { cwd: "/", env: { KEPT: "2" } })).toMatchObject({ code: 0 });
    const seen = await seenIn(home.folder, before);
    expect(seen).toMatchObject({ argv: ["two"], env: { PORT: String(port), FROM: "asked", KEPT: "1" } });
    expect(await tsmJson(home, ["info", "mine"])).toMatchObject({
      restartPolicy: "no",
      limits: { nice: 3 },
      oversight: { ready: "cmd:exit 0" },
      logs: { out: { path: join(home.folder, "out.log") } },
    });
    await tsm(home, ["restart", "mine", "--update-env"], { env: { KEPT: "2" } });
    expect((await seenIn(home.folder, seen.pid)).env).toMatchObject({ KEPT: "2", FROM: "asked" });
  });

  test.for([
    { text: "TSM_COMMAND='sleep 600'\nTSM_PORT=http\n", says: "TSM_PORT is 'http', which is not a port" },
    { text: "TSM_COMMAND='sleep 600'\nTSM_ENV=prod\n", says: "❌ Env file not found: " },
    { text: "TSM_COMMAND='sleep 600'\nTSM_DEPENDS=nix\n", says: "depends on 'nix', which is not a service" },
    { text: "TSM_COMMAND=/nowhere/x\n", says: "'/nowhere/x' not found" },
    { text: "if true; then\n", says: "❌ Failed to load: " },
    { text: "", says: "there is no TSM_COMMAND" },
  ])("$text leaves the running one alone: $says", async ({ text, says }) => {
    const home = hasty(makeHome());
    define(home, "tetra/app", "TSM_COMMAND='sleep 600'\n");
    await tsm(home, ["start", "app"]);
    const pid = pidOf(home, "app-auto");
    define(home, "tetra/app", text);
    const refused = await tsm(home, ["restart", "app"]);
    expect(refused).toMatchObject({ code: 1, stdout: "" });
    expect(refused.stderr).toContain(says);
    expect(refused.stderr).toContain("'app-auto' goes on as it was");
    expect(readMeta(home, "app-auto")).toMatchObject({ pid, status: "online", restarts: 0 });
  });

  test("a file that is gone is said, and the process is what it was", async () => {
    const home = hasty(makeHome());
    const file = define(home, "tetra/app", "TSM_COMMAND='sleep 600'\nTSM_DEPENDS=\n");
    await tsm(home, ["start", "app"]);
    rmSync(definitionOf(home, "tetra/app"));
    const restarted = await tsm(home, ["restart", "app"]);
    expect(restarted).toMatchObject({
      code: 0,
      stderr: `tsm: ${file} is gone: 'app-auto' was started as it was before\n`,
    });
    expect(readMeta(home, "app-auto")["command"]).toMatch(/sleep 600$/);
  });

  test("a file that only bash can read is run again, which is said", async () => {
    const home = hasty(makeHome());
    const file = define(home, "tetra/app", 'TSM_COMMAND="sleep $(echo 600)"\n');
    await tsm(home, ["start", "app"]);
    define(home, "tetra/app", 'TSM_COMMAND="sleep $(echo 700)"\n');
    const restarted = await tsm(home, ["restart", "app"]);
    expect(restarted).toMatchObject({ code: 0 });
    expect(restarted.stderr).toContain(`tsm: ${file}: line 1: needs bash: `);
    expect(readMeta(home, "app-auto")["command"]).toMatch(/sleep 700$/);
  });

  test("what was started with --no-exec is not run by a restart either", async () => {
    const home = hasty(makeHome());
    define(home, "tetra/app", "TSM_COMMAND='sleep 600'\n");
    await tsm(home, ["start", "app", "--no-exec"]);
    define(home, "tetra/app", "touch pwned\nTSM_COMMAND='sleep 600'\n");
    const refused = await tsm(home, ["restart", "app"]);
    expect(refused).toMatchObject({ code: 1, stdout: "" });
    expect(refused.stderr).toContain("line 1: needs bash: `touch pwned`");
    expect(existsSync(join(home.folder, "pwned"))).toBe(false);
  });

  test("what it depends on by now is on record, and env --diff tells of its file", async () => {
    const home = hasty(makeHome());
    script(home, "a.env", "A=1\n");
    script(home, "b.env", "A=2\n");
    define(home, "tetra/db", "TSM_COMMAND='sleep 600'\n");
    define(home, "tetra/app", "TSM_COMMAND='sleep 600'\nTSM_ENV=a.env\n");
    await tsm(home, ["start", "db"]);
    await tsm(home, ["start", "app"]);
    define(home, "tetra/app", "TSM_COMMAND='sleep 600'\nTSM_ENV=b.env\nTSM_DEPENDS=db\n");
    expect((await tsm(home, ["env", "app", "--diff"])).stdout).toBe("~A=1 → 2\n");
    expect(await tsm(home, ["restart", "app"])).toMatchObject({ code: 0, stderr: "" });
    expect((await tsm(home, ["env", "app", "--diff"])).stdout).toBe("tsm: a restart would change nothing\n");
    expect(await tsmJson(home, ["info", "app-auto"])).toMatchObject({ dependsOn: ["db-auto"] });
  });
});
