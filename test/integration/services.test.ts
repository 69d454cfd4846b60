import { execFileSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { makeHome } from "../support/home.ts";
import { list } from "../support/managed.ts";
import { freePort } from "../support/ports.ts";
import { logOf, pidOf, readMeta } from "../support/record.ts";
import { script, seenIn, server, showing } from "../support/scripts.ts";
import { define, definitionOf, enabledLink, tetraOf } from "../support/services.ts";
import { tsm, tsmJson } from "../support/tsm.ts";

describe("seed 002's checklist", () => {
  test("tsm start node server.js works", async () => {
    const home = makeHome();
    script(home, "server.js", server);
    const port = await freePort();
    const started = await tsm(home, ["start", "--port", String(port), "--", "node", "server.js"]);
    expect(started).toMatchObject({ code: 0, stderr: "" });
    expect(await (await fetch(`http://localhost:${port}`)).text()).toContain("pid");
  });

  test("tsm start python -m http.server PORT works", async () => {
    const home = makeHome();
    const port = await freePort();
    const started = await tsm(home, ["start", "--settle", "30000", "python", "-m", "http.server", String(port)]);
    expect(started).toMatchObject({ code: 0, stderr: "" });
    expect((await fetch(`http://localhost:${port}`)).status).toBe(200);
  });

  test("tsm start quasar (service) works", async () => {
    const home = makeHome();
    script(home, "quasar/server.js", server);
    script(home, "quasar/env/local.env", "GREETING=hello\n");
    const port = await freePort();
    const cwd = join(home.folder, "quasar");
    define(
      home,
      "tetra/quasar",
      `TSM_NAME=quasar\nTSM_COMMAND="node server.js"\nTSM_CWD="${cwd}"\nTSM_ENV=\nTSM_PORT=${port}\n`,
    );
    const started = await tsm(home, ["start", "quasar"]);
    expect(started).toMatchObject({ code: 0, stderr: "" });
    const name = `quasar-${port}`;
    expect(started.stdout).toBe(
      `🚀 Starting service: tetra/quasar\nStarting quasar on port ${port}...\ntsm: started '${name}' (TSM ID: 0, PID: ${pidOf(home, name)}, Port: ${port})\n`,
    );
    expect(readMeta(home, name)).toMatchObject({
      cwd,
      port,
      env_file: join(cwd, "env/local.env"),
      process_type: "node",
    });
    const again = await tsm(home, ["start", "tetra/quasar"]);
    expect(again).toMatchObject({ code: 0, stdout: `⚠️  Already running: ${name}\n` });
  });

  test("tsm restart NAME preserves the TSM ID", async () => {
    const home = makeHome();
    define(home, "tetra/other", "TSM_COMMAND='sleep 600'\n");
    define(home, "tetra/quasar", "TSM_COMMAND='sleep 600'\n");
    await tsm(home, ["start", "other"]);
    await tsm(home, ["start", "quasar"]);
    const before = readMeta(home, "quasar-auto");
    const restarted = await tsm(home, ["restart", "quasar"]);
    expect(restarted).toMatchObject({ code: 0 });
    expect(restarted.stdout).toContain("tsm: restarted 'quasar-auto' (TSM ID: 1, PID: ");
    expect(readMeta(home, "quasar-auto")).toMatchObject({ tsm_id: before["tsm_id"], restarts: 1 });
    expect(await tsmJson(home, ["info", "tetra/quasar"])).toMatchObject({ status: "online", process: "quasar-auto" });
  });

  test.for([
    { type: "Python", tree: "pyenv", word: "python" },
    { type: "Node", tree: "nvm", word: "node" },
  ])("$type services activate $tree", async ({ tree, word }) => {
    const home = makeHome();
    script(home, `${tree}/bin/${word}`, '#!/bin/bash\necho "$0 $*"\nexec sleep 600\n', 0o755);
    script(home, "activate.sh", `export PATH="${home.folder}/${tree}/bin:$PATH"\n`);
    define(
      home,
      "tetra/app",
      `TSM_COMMAND='${word} app'\nTSM_CWD=${home.folder}\nTSM_PRE_COMMAND='source ./activate.sh'\n`,
    );
    expect(await tsm(home, ["start", "app"])).toMatchObject({ code: 0, stderr: "" });
    expect(logOf(home, "app-auto")).toBe(`${home.folder}/${tree}/bin/${word} app\n`);
  });

  test("tsm enable tetra/quasar creates the link in a single location", async () => {
    const home = makeHome();
    const file = define(home, "tetra/quasar", "TSM_COMMAND='sleep 600'\n");
    expect(await tsm(home, ["enable", "tetra/quasar"])).toMatchObject({
      code: 0,
      stdout: "✅ Enabled: tetra/quasar\n",
    });
    expect(readlinkSync(enabledLink(home, "tetra-quasar"))).toBe(file);
    expect(existsSync(join(tetraOf(home), "orgs/tetra/tsm/services-enabled"))).toBe(false);
    const again = await tsm(home, ["enable", "quasar"]);
    expect(again).toMatchObject({ code: 0, stdout: "⚠️  Already enabled: tetra/quasar\n" });
    expect(await tsm(home, ["disable", "quasar"])).toMatchObject({ code: 0, stdout: "✅ Disabled: tetra/quasar\n" });
    expect(existsSync(enabledLink(home, "tetra-quasar"))).toBe(false);
    const twice = await tsm(home, ["disable", "tetra/quasar"]);
    expect(twice).toMatchObject({ code: 0, stdout: "⚠️  Not enabled: tetra/quasar\n" });
    for (const verb of ["enable", "disable"]) {
      const missing = await tsm(home, [verb, "tetra/nix"]);
      expect(missing).toMatchObject({ code: 1, stdout: "" });
      expect(missing.stderr).toContain("❌ Not found: tetra/nix\n");
    }
  });

  test("tsm services --enabled shows all enabled from the single folder", async () => {
    const home = makeHome();
    for (const ref of ["tetra/a", "tetra/b", "acme/c"]) define(home, ref, "TSM_COMMAND='sleep 600'\n");
    await tsm(home, ["enable", "tetra/a", "acme/c"]);
    const refs = async (...args: string[]) =>
      ((await tsmJson(home, args)) as { ref: string; enabled: boolean }[]).map(({ ref, enabled }) => [ref, enabled]);
    const all = [
      ["acme/c", true],
      ["tetra/a", true],
      ["tetra/b", false],
    ];
    expect(await refs("services")).toEqual(all);
    expect(await refs("services", "--enabled")).toEqual(all.filter(([, enabled]) => enabled));
    // The original's bug 22: what was saved and enabled never showed here.
    expect(await refs("list", "available")).toEqual(all);
    expect(await refs("list", "enabled")).toEqual(all.filter(([, enabled]) => enabled));
  });

  test("tsm save tetra/newservice cmd works", async () => {
    const home = makeHome();
    const saved = await tsm(home, ["save", "tetra/newservice", "sleep", "600"]);
    expect(saved).toMatchObject({ code: 0, stderr: "" });
    expect(saved.stdout).toContain("✅ Saved: tetra/newservice\n");
    expect(readFileSync(definitionOf(home, "tetra/newservice"), "utf8")).toContain("TSM_COMMAND='sleep 600'\n");
    expect(await tsm(home, ["start", "newservice"])).toMatchObject({ code: 0 });
    expect(readMeta(home, "newservice-auto")).toMatchObject({ cwd: home.folder });
  });

  test("an empty command is none to save", async () => {
    const home = makeHome();
    expect(await tsm(home, ["save", "tetra/app", " "])).toMatchObject({
      code: 64,
      stderr: "tsm: there is no command to save\n  tsm save tetra/app node server.js\n",
    });
    expect(existsSync(definitionOf(home, "tetra/app"))).toBe(false);
  });

  test("tsm save newservice cmd errors with a usage hint", async () => {
    const home = makeHome();
    for (const words of [["newservice", "cmd"], ["newservice"]]) {
      const refused = await tsm(home, ["save", ...words]);
      expect(refused).toMatchObject({ code: 1, stdout: "" });
      expect(refused.stderr).toBe(
        "Usage: tsm save <org/service-name> <command> [args...]\nExample: tsm save tetra/myservice python app.py\n",
      );
    }
    expect(existsSync(join(tetraOf(home), "orgs"))).toBe(false);
  });
});

describe("bugs of the original", () => {
  const hostile = 'X=$(touch pwned)\n`touch pwned`\nTSM_COMMAND="sleep $(touch pwned; echo 600)"\n';

  test("§6.12: nothing but start runs a definition", async () => {
    const home = makeHome();
    const file = define(home, "tetra/evil", hostile);
    const commands = [
      "services",
      "services --enabled",
      "list available",
      "info tetra/evil",
      "show evil",
      "enable evil",
    ];
    for (const line of [...commands, "completion words start e", "start evil --no-exec", "disable evil"]) {
      await tsm(home, line.split(" "));
      expect(existsSync(join(home.folder, "pwned")), line).toBe(false);
    }
    const [row] = (await tsmJson(home, ["services"])) as { problems: string[] }[];
    expect(row?.problems).toEqual([
      "line 1: needs bash: `X=$(touch pwned)`",
      "line 2: needs bash: ``touch pwned``",
      'line 3: needs bash: `TSM_COMMAND="sleep $(touch pwned; echo 600)"`',
    ]);
    const refused = await tsm(home, ["start", "--no-exec", "evil"]);
    expect(refused).toMatchObject({ code: 65, stdout: "" });
    expect(refused.stderr).toContain(`${file}: line 1: needs bash: \`X=$(touch pwned)\``);
    const started = await tsm(home, ["start", "evil"]);
    expect(started).toMatchObject({ code: 0 });
    expect(started.stderr).toBe(
      `tsm: ${file}: line 1: needs bash: \`X=$(touch pwned)\`; bash ran the file to read it\n`,
    );
    expect(existsSync(join(home.folder, "pwned"))).toBe(true);
  });

  test("§6.13: save loses no word and no quote", async () => {
    const home = makeHome();
    script(home, "show.cjs", showing);
    const odd = ["two  words", "$HOME", "`date`", "it's", '"', "", "a=b", "~", "*", "#x", "new\nline", "\\n", "é 🚀"];
    const words = ["--", "--force", "--json", ...odd]; // flags of save, and here the command's own
    await tsm(home, ["save", "tetra/show", "node", "show.cjs", ...words]);
    expect(await tsm(home, ["start", "--no-exec", "show"])).toMatchObject({ code: 0, stderr: "" });
    expect((await seenIn(home.folder)).argv).toEqual(words);
  });

  test("§6.13: a shell string stays one", async () => {
    const home = makeHome();
    await tsm(home, ["save", "tetra/say", 'echo "$((1 + 1)) it\'s"; exec sleep 600']);
    expect(await tsm(home, ["start", "say", "--no-exec"])).toMatchObject({ code: 0, stderr: "" });
    expect(logOf(home, "say-auto")).toBe("2 it's\n");
  });

  test("§6.22: what is saved and enabled shows in list available and list enabled", async () => {
    const home = makeHome();
    await tsm(home, ["save", "tetra/api", "sleep", "600"]);
    await tsm(home, ["enable", "tetra/api"]);
    for (const filter of ["available", "enabled"]) {
      const { stdout } = await tsm(home, ["ls", filter]);
      expect(stdout).toMatch(/tetra\/api\s+│ yes\s+│ -\s+│ -\s+│ sleep 600/);
    }
  });
});

describe("the folder of links", () => {
  test("a broken link is reported, and disable takes it away", async () => {
    const home = makeHome();
    const file = define(home, "tetra/app", "TSM_COMMAND='sleep 600'\n");
    await tsm(home, ["enable", "app"]);
    rmSync(file);
    const shown = await tsm(home, ["services"]);
    expect(shown).toMatchObject({
      code: 0,
      stderr: `tsm: ❌ ${enabledLink(home, "tetra-app")} → ${file} (broken link)\n`,
    });
    expect(await tsm(home, ["disable", "tetra/app"])).toMatchObject({ code: 0, stdout: "✅ Disabled: tetra/app\n" });
    expect(() => lstatSync(enabledLink(home, "tetra-app"))).toThrow();
  });

  test("a link that leads out of the orgs to nothing is taken away by the name that it has", async () => {
    const home = makeHome();
    mkdirSync(join(home.path, "services-enabled"), { recursive: true });
    symlinkSync("/nowhere/app.tsm", enabledLink(home, "pj-app"));
    expect(await tsm(home, ["disable", "tetra/app"])).toMatchObject({ code: 1, stdout: "" });
    expect(await tsm(home, ["disable", "pj/app"])).toMatchObject({ code: 0, stdout: "✅ Disabled: pj/app\n" });
    expect(() => lstatSync(enabledLink(home, "pj-app"))).toThrow();
  });

  test("a link is taken away by its path, as services shows it, wherever it leads", async () => {
    const home = makeHome();
    define(home, "tetra/app", "TSM_COMMAND='sleep 600'\n");
    await tsm(home, ["enable", "app"]);
    symlinkSync("/nowhere", enabledLink(home, "weird"));
    for (const link of ["weird", "tetra-app"].map((name) => enabledLink(home, name))) {
      expect(await tsm(home, ["disable", link])).toMatchObject({ code: 0, stderr: "" });
      expect(() => lstatSync(link)).toThrow();
    }
  });

  test("of a file that is none of ours five lines are told, and how many more there are", async () => {
    const home = makeHome();
    define(home, "tetra/app", "for\n".repeat(9));
    const { stderr } = await tsm(home, ["services"]);
    expect(stderr.match(/needs bash/g)).toHaveLength(5);
    expect(stderr).toContain("tsm: tetra/app: and 4 more: tsm show tetra/app\n");
    const { stderr: failed } = await tsm(home, ["start", "tetra/app"]);
    expect(failed).toMatch(/^❌ Failed to load: .*app\.tsm\n {2}.*line \d+: .*\n/);
    expect(failed).not.toContain(String.raw`\n`);
  });

  test("what is no file, or leads nowhere, is no service and spoils no list", async () => {
    const home = makeHome();
    const folder = dirname(define(home, "tetra/app", "TSM_COMMAND='sleep 600'\n"));
    mkdirSync(join(folder, "folder.tsm"));
    symlinkSync("loop.tsm", join(folder, "loop.tsm"));
    symlinkSync("/nowhere", join(folder, "gone.tsm"));
    execFileSync("bash", ["-c", 'mkfifo "$0"', join(folder, "pipe.tsm")]);
    expect(await tsmJson(home, ["services"])).toMatchObject([{ ref: "tetra/app" }]);
    for (const name of ["folder", "loop", "gone", "pipe"])
      expect((await tsm(home, ["start", `tetra/${name}`])).stderr).toContain(`❌ Service not found: tetra/${name}`);
  });

  test("two services whose links would be one are told apart", async () => {
    const home = makeHome();
    define(home, "a-b/c", "TSM_COMMAND='sleep 600'\n");
    define(home, "a/b-c", "TSM_COMMAND='sleep 600'\n");
    await tsm(home, ["enable", "a-b/c"]);
    expect(await tsm(home, ["enable", "a/b-c"])).toMatchObject({ code: 1, stdout: "" });
    expect(await tsm(home, ["disable", "a/b-c"])).toMatchObject({ stdout: "⚠️  Not enabled: a/b-c\n" });
    expect(existsSync(enabledLink(home, "a-b-c"))).toBe(true);
  });

  test("one that cannot be enabled or disabled keeps no other from it, and each says what it did", async () => {
    const home = makeHome();
    for (const name of ["a", "b", "c"]) define(home, `tetra/${name}`, "TSM_COMMAND='sleep 600'\n");
    mkdirSync(join(home.path, "services-enabled"), { recursive: true });
    writeFileSync(enabledLink(home, "tetra-b"), "TSM_COMMAND='sleep 600'\n");
    expect(await tsm(home, ["enable", "a", "tetra/b", "c"])).toMatchObject({
      code: 1,
      stdout: "✅ Enabled: tetra/a\n✅ Enabled: tetra/c\n",
      stderr: `tsm: ${enabledLink(home, "tetra-b")} is not a link\n`,
    });
    const disabled = await tsm(home, ["disable", "a", "tetra/b", "c"]);
    expect(disabled).toMatchObject({ code: 1, stdout: "✅ Disabled: tetra/a\n✅ Disabled: tetra/c\n" });
    expect(disabled.stderr).toContain("is a file, and no link");
  });

  test("names that would leave the folder are none", async () => {
    const home = makeHome();
    define(home, "tetra/app", "TSM_COMMAND='sleep 600'\n");
    for (const ref of ["../app", "tetra/../app", "tetra/.app", "-x/app", "a/b/c", "/etc", "tetra/"]) {
      const saved = await tsm(home, ["save", "--force", "--", ref, "sleep", "600"]);
      expect(saved.code, ref).toBe(64);
    }
    expect(existsSync(join(tetraOf(home), "orgs/tetra/tsm/services-available/.app.tsm"))).toBe(false);
  });

  test("a name by which no process could be named is none to save", async () => {
    const home = makeHome();
    for (const name of [":80", "pid:1", "a*", " x", "%1", "a\u202eb"])
      expect(await tsm(home, ["save", `tetra/${name}`, "sleep", "600"]), name).toMatchObject({ code: 64, stdout: "" });
    expect((await tsm(home, ["save", "tetra/:80", "sleep", "600"])).stderr).toContain(
      "the name ':80' would be taken for a port",
    );
    expect(await tsm(home, ["save", "tetra/two words", "sleep", "600"])).toMatchObject({ code: 0, stderr: "" });
  });

  test("a file where a link belongs is enabled, and disable leaves it there and says so", async () => {
    const home = makeHome();
    mkdirSync(join(home.path, "services-enabled"), { recursive: true });
    const file = script(home, "loose.tsm", "TSM_COMMAND='sleep 600'\nTSM_ENV=none\n");
    const plain = enabledLink(home, "pj-loose");
    cpSync(file, plain);
    for (const ref of [plain, "pj/loose"]) {
      const refused = await tsm(home, ["disable", ref]);
      expect(refused, ref).toMatchObject({ code: 1, stdout: "" });
      expect(refused.stderr).toContain(`${plain} is a file, and no link`);
    }
    // And where there is a service whose link would have this name.
    define(home, "pj/loose", "TSM_COMMAND='sleep 600'\n");
    expect((await tsm(home, ["disable", "loose"])).stderr).toContain(`${plain} is a file, and no link`);
    expect(existsSync(plain)).toBe(true);
  });

  test("a link to a file of no org counts as enabled", async () => {
    const home = makeHome();
    const file = script(home, "loose.tsm", "TSM_COMMAND='sleep 600'\nTSM_ENV=none\n");
    mkdirSync(join(home.path, "services-enabled"), { recursive: true });
    symlinkSync(file, enabledLink(home, "loose"));
    expect(await tsmJson(home, ["services", "--enabled"])).toMatchObject([{ ref: file, enabled: true }]);
    expect(await tsm(home, ["startup"])).toMatchObject({ code: 0 });
    expect(await tsm(home, ["disable", file])).toMatchObject({ code: 0, stdout: `✅ Disabled: ${file}\n` });
    expect(await tsmJson(home, ["services", "--enabled"])).toEqual([]);
    symlinkSync(file, enabledLink(home, "pj-loose"));
    expect(await tsm(home, ["disable", "pj/loose"])).toMatchObject({ code: 0, stdout: "✅ Disabled: pj/loose\n" });
    expect(existsSync(file)).toBe(true);
  });

  test("what is enabled by a link of another name is not enabled any more after disable", async () => {
    const home = makeHome();
    const file = define(home, "pj/app", "TSM_COMMAND='sleep 600'\n");
    mkdirSync(join(home.path, "services-enabled"), { recursive: true });
    for (const name of ["app", "other"]) symlinkSync(file, enabledLink(home, name));
    expect(await tsm(home, ["disable", "pj/app"])).toMatchObject({ code: 0, stdout: "✅ Disabled: pj/app\n" });
    expect(await tsmJson(home, ["services"])).toMatchObject([{ ref: "pj/app", enabled: false }]);
    expect(await tsm(home, ["disable", "app"])).toMatchObject({ stdout: "⚠️  Not enabled: pj/app\n" });
  });
});

describe("save and edit", () => {
  test("save ID ORG/NAME writes what the process runs, and none of its environment", async () => {
    const home = makeHome();
    script(home, "show.cjs", showing);
    script(home, "env/prod.env", "A=1\nAPI_TOKEN=hidden1\n");
    const port = await freePort();
    const flags = ["--name", "api", "--port", String(port), "--env", "prod", "--restart", "always", "--settle", "0"];
    await tsm(home, ["start", ...flags, "--", "node", "show.cjs", "two words", "$X"], { env: { API_KEY: "hidden2" } });
    expect(await tsm(home, ["save", "0", "tetra/saved"])).toMatchObject({ code: 0, stderr: "" });
    const text = readFileSync(definitionOf(home, "tetra/saved"), "utf8");
    expect(text).toBe(
      [
        "# tetra/saved",
        "TSM_NAME=api",
        `TSM_COMMAND=(${process.execPath} show.cjs 'two words' '$X')`,
        `TSM_CWD=${home.folder}`,
        "TSM_ENV=prod",
        `TSM_PORT=${port}`,
        "TSM_RESTART=always",
        "",
      ].join("\n"),
    );
    expect(lstatSync(definitionOf(home, "tetra/saved")).mode & 0o777).toBe(0o600);
    expect(await tsm(home, ["save", "api"])).toMatchObject({ code: 0 }); // the only org, its own name
    expect(existsSync(definitionOf(home, "tetra/api"))).toBe(true);
  });

  test("a command that holds a secret is not written", async () => {
    const home = makeHome();
    await tsm(home, ["start", "--name", "api", "--", "bash", "-c", "exec sleep 600", "--token", "hidden"]);
    const refused = await tsm(home, ["save", "api", "tetra/api"]);
    expect(refused).toMatchObject({ code: 65, stdout: "" });
    expect(refused.stderr).not.toContain("hidden");
    expect(existsSync(definitionOf(home, "tetra/api"))).toBe(false);
  });

  test("what was started by hand and saved is not started a second time as the service", async () => {
    const home = makeHome();
    script(home, "worker.sh", "exec sleep 600\n");
    await tsm(home, ["start", "worker.sh", "--settle", "0"]);
    await tsm(home, ["save", "worker", "tetra/worker"]);
    await tsm(home, ["enable", "worker"]);
    expect(await tsm(home, ["startup"])).toMatchObject({ code: 0, stdout: expect.stringContaining("lready running") });
    expect(await tsm(home, ["start", "tetra/worker"])).toMatchObject({ stdout: "⚠️  Already running: worker\n" });
    expect((await list(home)).map(({ name }) => name)).toEqual(["worker"]);
    expect(await tsmJson(home, ["services"])).toMatchObject([
      { ref: "tetra/worker", status: "online", process: "worker" },
    ]);
    // Another command under that name is another one.
    await tsm(home, ["save", "--force", "--env", "none", "tetra/worker", "sleep", "601"]);
    expect(await tsm(home, ["start", "tetra/worker", "--settle", "0"])).toMatchObject({ code: 0 });
    expect((await list(home)).map(({ name }) => name)).toEqual(["worker", "worker-auto"]);
  });

  test("what was started by hand is meant by ORG/NAME where the service says the same, and no other is", async () => {
    const home = makeHome();
    script(home, "worker.sh", "exec sleep 600\n");
    await tsm(home, ["start", "worker.sh", "--settle", "0"]);
    await tsm(home, ["save", "worker", "tetra/worker"]);
    await tsm(home, ["save", "tetra/other", "sleep", "601"]);
    await tsm(home, ["start", "--name", "other", "--settle", "0", "--", "sleep", "600"]);
    expect(await tsm(home, ["stop", "tetra/other"])).toMatchObject({ code: 1, stdout: "" });
    expect(await tsm(home, ["restart", "tetra/worker", "--settle", "0"])).toMatchObject({ code: 0, stderr: "" });
    expect((await tsm(home, ["stop", "tetra/worker"])).stdout).toContain("stopped 'worker'");
    expect((await list(home)).map(({ name, status }) => `${name} ${status}`)).toEqual([
      "worker stopped",
      "other online",
    ]);
  });

  test("save replaces a definition only with --force", async () => {
    const home = makeHome();
    await tsm(home, ["save", "tetra/app", "sleep", "600"]);
    const refused = await tsm(home, ["save", "tetra/app", "sleep", "700"]);
    expect(refused).toMatchObject({ code: 1, stdout: "" });
    expect(refused.stderr).toContain("there is a service 'tetra/app' already");
    const forced = await tsm(home, ["save", "--force", "tetra/app", "sleep", "700"]);
    expect(forced.stdout).toContain("✅ Saved: tetra/app (replaced)\n");
  });

  test("edit opens the file in the editor, and says what is wrong with it then", async () => {
    const home = makeHome();
    const file = define(home, "tetra/app", "TSM_COMMAND='sleep 600'\nTSM_ENV=none\n");
    const good = script(home, "good.sh", "echo '# seen' >>\"$1\"\n");
    const bad = script(home, "bad.sh", "echo 'TSM_PROT=1' >>\"$1\"; echo 'if x' >>\"$1\"\n");
    // SHLVL: a bash whose input is a socket, as a pipe of Node's is, takes itself for a remote shell and reads ~/.bashrc.
    const edited = await tsm(home, ["edit", "app"], { env: { EDITOR: `bash ${good}`, VISUAL: "", SHLVL: "5" } });
    expect(edited).toMatchObject({ code: 0, stdout: "✅ tetra/app can be started\n", stderr: "" });
    const broken = await tsm(home, ["edit", "app"], { env: { EDITOR: `bash ${bad}`, VISUAL: "", SHLVL: "5" } });
    expect(broken).toMatchObject({ code: 65, stdout: "" });
    expect(broken.stderr).toBe(
      `tsm: ${file}: line 5: needs bash: \`if x\`\ntsm: ${file}: TSM_PROT means nothing to tsm\n`,
    );
    const failed = await tsm(home, ["edit", "app"], { env: { EDITOR: "false", VISUAL: "", SHLVL: "5" } });
    expect(failed).toMatchObject({ code: 1 });
  });
});

test("a definition that lies anywhere is shown and edited by its path, as start says that it can be", async () => {
  const home = makeHome();
  const file = script(home, "x.tsm", "TSM_COMMAND='sleep 600'\nTSM_PORT=abc\n");
  expect((await tsm(home, ["start", "./x.tsm"])).stderr).toContain("tsm edit ./x.tsm opens it");
  const editor = script(home, "good.sh", 'sed -i.bak s/abc/4000/ "$1"\n');
  const env = { EDITOR: `bash ${editor}`, VISUAL: "", SHLVL: "5" };
  expect(await tsm(home, ["edit", "./x.tsm"], { env })).toMatchObject({
    code: 0,
    stdout: "✅ ./x.tsm can be started\n",
  });
  expect(await tsmJson(home, ["describe", "x.tsm"])).toMatchObject({ file, command: "sleep 600", port: 4000 });
  expect(await tsm(home, ["edit", "./none.tsm"])).toMatchObject({ code: 1 });
});

test("completion offers services with what they are", async () => {
  const home = makeHome();
  define(home, "tetra/quasar", "TSM_COMMAND='sleep 600'\nTSM_DESCRIPTION='The star'\n");
  define(home, "acme/api", "TSM_COMMAND='sleep 600'\n");
  await tsm(home, ["enable", "quasar"]);
  const words = async (...line: string[]) => (await tsm(home, ["completion", "words", "--", ...line])).stdout;
  expect(await words("enable", "")).toBe("acme/api\tsleep 600\n");
  expect(await words("disable", "")).toBe("tetra/quasar\tenabled The star\n");
  expect(await words("start", "te")).toContain("tetra/quasar\tenabled The star\n");
  expect(await words("info", "ac")).toBe("acme/api\tsleep 600\n");
  expect(await words("save", "te")).toBe("tetra/\torg\ntetra/quasar\tenabled The star\n");
});
