import { existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync, symlinkSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { type Home, makeHome } from "../support/home.ts";
import { list, row } from "../support/managed.ts";
import { flatLife, flatRest, inHome, linkInHome, metaLine, nowSeconds, oldLife, textIn } from "../support/old-home.ts";
import { isAlive, logOf, pidOf, readMeta } from "../support/record.ts";
import { script } from "../support/scripts.ts";
import { define, definitionOf, enabledLink, tetraOf } from "../support/services.ts";
import { tsm, tsmJson } from "../support/tsm.ts";
import { until } from "../support/until.ts";

/** The one folder of old files. */
function backupOf(home: Home): string {
  const folders = readdirSync(home.path).filter((name) => name.startsWith("migrated-"));
  expect(folders).toHaveLength(1);
  return join(home.path, folders[0] ?? "");
}

describe("seed 004's flat layout", () => {
  test("who lives is adopted under its id with its logs, who does not is stopped, and both can be started again", async () => {
    const home = makeHome();
    const { pid, started } = await flatLife(home, "server-18301", 18301, 3);
    flatRest(home, "api-18302", 18302, 0);
    inHome(home, "next_id", "4\n");
    const first = await tsm(home, ["list", "all"]);
    expect(first.code).toBe(0);
    expect(first.stderr.split("\n")).toEqual([
      `tsm: an older TSM has left something in ${home.path}; it has been brought over:`,
      "  'api-18302' (TSM ID: 0, Port: 18302): stopped",
      `  'server-18301' (TSM ID: 3, PID: ${pid}, Port: 18301): runs on, with its logs`,
      "  the next id was to be 4; from now on it is the lowest that is free",
      `  The old files are kept in ${backupOf(home)}`,
      "",
    ]);
    expect(await row(home, "server-18301")).toMatchObject({ id: 3, pid, status: "online", supervised: true });
    expect(await row(home, "api-18302")).toMatchObject({ id: 0, status: "stopped" });
    expect(readMeta(home, "server-18301")).toMatchObject({ start_time: started, port: 18301, cwd: home.folder });
    // It writes on into the very file, which is where logs are now.
    const size = logOf(home, "server-18301").length;
    await until("it goes on writing", () => logOf(home, "server-18301").length > size);
    expect((await tsm(home, ["logs", "api"])).stdout).toContain("last of api-18302");
    expect(existsSync(join(home.path, "logs"))).toBe(false);
    expect(existsSync(join(home.path, "processes"))).toBe(false);
    expect(textIn(home, "runtime/ports")).toMatch(/^# .*\napi:18302\nserver:18301\n# .*\n$/);
    expect(existsSync(join(home.path, "hooks/node.sh"))).toBe(true);
    // Once.
    expect(await tsm(home, ["list"])).toMatchObject({ code: 0, stderr: "" });

    expect(await tsm(home, ["start", "api-18302"])).toMatchObject({ code: 0, stderr: "" });
    expect(await tsm(home, ["restart", "server-18301", "--settle", "0"])).toMatchObject({ code: 0, stderr: "" });
    expect(await row(home, "server-18301")).toMatchObject({ id: 3, status: "online", restarts: 1 });
    expect(isAlive(pid)).toBe(false);
    await until("the new one ticks with its own words", () =>
      logOf(home, "server-18301").slice(size).includes("tick a  b\n"),
    );
    expect((await tsm(home, ["stop", "*"])).stdout).toContain("0 forced, 0 left");
  });

  test("an id that is taken goes to who lives, and the other gets the lowest that is free", async () => {
    const home = makeHome();
    flatRest(home, "a-18303", 18303, 1);
    const { pid } = await flatLife(home, "b-18304", 18304, 1);
    inHome(home, "processes/c.meta", "script=/nowhere/c.sh pid=4194000 port=none start_time=1757566677 type=cli\n");
    const { stderr } = await tsm(home, ["list"]);
    expect(stderr).toContain("'a-18303' (TSM ID: 0, was 1, Port: 18303): stopped\n");
    expect(stderr).toContain(`'b-18304' (TSM ID: 1, PID: ${pid}, Port: 18304): runs on`);
    expect(stderr).toContain("'c' (TSM ID: 2): stopped\n");
  });

  test("a process that died unseen after it was adopted is brought back by its policy", async () => {
    const home = makeHome();
    const { pid } = await flatLife(home, "server-18305", 18305, 0);
    await tsm(home, ["list"]);
    process.kill(pid, "SIGKILL");
    await until("it is back", () => readMeta(home, "server-18305")["restarts"] === 1);
    await until("it runs", () => isAlive(pidOf(home, "server-18305")) && pidOf(home, "server-18305") !== pid);
  });
});

describe("a pid is only a number", () => {
  test.for([
    { because: "it began at another time", started: () => 1_757_566_677, script: "bystander.sh" },
    { because: "it runs something else", started: nowSeconds, script: "other.sh" },
  ])("$because: the process on record is stopped, and the stranger lives", async ({ started, script: name }) => {
    const home = makeHome();
    const beside = (file: string) => join("..", basename(home.folder), file);
    const stranger = await oldLife(home, "bystander", beside("x.out"), beside("x.err"));
    const recorded = join(home.folder, name);
    inHome(
      home,
      "processes/it-18306.meta",
      metaLine({ script: recorded, pid: stranger.pid, port: 18306, started: started() }),
    );
    inHome(home, "pids/it-18306.pid", `${stranger.pid}\n`);
    const { stderr } = await tsm(home, ["list"]);
    expect(stderr).toContain("'it-18306' (TSM ID: 0, Port: 18306): stopped\n");
    expect(stderr).toContain(`PID ${stranger.pid} is another process now, and was left alone\n`);
    await tsm(home, ["stop", "it"]);
    await tsm(home, ["delete", "it"]);
    expect(isAlive(stranger.pid)).toBe(true);
  });

  test("two records of one pid: it is one of them", async () => {
    const home = makeHome();
    const { pid } = await flatLife(home, "one-18307", 18307, 0);
    inHome(home, "processes/two-18308.meta", textIn(home, "processes/one-18307.meta"));
    await tsm(home, ["list"]);
    expect((await list(home)).map(({ name, status, pid: its }) => [name, status, its])).toEqual([
      ["one-18307", "online", pid],
      ["two-18308", "stopped", null],
    ]);
  });
});

describe("seed 001's layouts", () => {
  test("NAME.json, its logs in folders: the logs that it names are its own", async () => {
    const home = makeHome();
    const logs = ["runtime/logs/devpages-18309/current.out", "runtime/logs/devpages-18309/current.err"] as const;
    const { pid, started } = await oldLife(home, "devpages-18309", ...logs);
    const record = {
      tsm_id: 1,
      name: "devpages-18309",
      pid,
      start_time: started,
      port: 18309,
      status: "online",
      restarts: 2,
      logs: { out: join(home.path, logs[0]), err: join(home.path, logs[1]) },
    };
    inHome(home, "runtime/processes/devpages-18309.json", JSON.stringify(record));
    inHome(home, "runtime/pids/devpages-18309.pid", String(pid));
    expect((await tsm(home, ["list"])).code).toBe(0);
    expect(await row(home, "devpages-18309")).toMatchObject({
      id: 1,
      pid,
      status: "online",
      supervised: true,
      restarts: 2,
    });
    // Nothing was on record of what it runs: the kernel knew.
    expect(readMeta(home, "devpages-18309")["command"]).toMatch(/bash \S+\/devpages-18309\.sh 'a {2}b'$/);
    expect(logOf(home, "devpages-18309", "err")).toContain("oops\n");
    expect(readdirSync(join(home.path, "runtime")).filter((name) => ["pids", "logs"].includes(name))).toEqual([]);
  });

  test("NAME.meta, one key a line, tsm_id or tpm_id; without a command it can be listed and not started", async () => {
    const home = makeHome();
    inHome(home, "runtime/processes/a-4000.meta", "pid=4194000\nstart_time=1697234567\nport=4000\ntsm_id=2\n");
    inHome(home, "runtime/processes/b-4001.meta", "pid=4194000\nstart_time=1697234567\nport=4001\ntpm_id=5\n");
    const { stderr } = await tsm(home, ["list"]);
    expect(stderr).toContain("'a-4000' (TSM ID: 2, Port: 4000): stopped; what it ran is not on record\n");
    expect(stderr).toContain("'b-4001' (TSM ID: 5, Port: 4001): stopped; what it ran is not on record\n");
    const started = await tsm(home, ["start", "a-4000"]);
    expect(started.code).toBe(1);
    expect(started.stderr).toContain("tsm delete a-4000, then start it anew");
    expect((await tsm(home, ["delete", "*", "--yes"])).code).toBe(0);
  });

  test("TCS 3.0: db/*.tsm.meta, named by itself or by a link in active", async () => {
    const home = makeHome();
    const beside = (file: string) => join("..", basename(home.folder), file);
    const { pid, started, script: path } = await oldLife(home, "web", beside("w.out"), beside("w.err"));
    const command = `bash ${path} 'a  b'`;
    inHome(
      home,
      "db/1760374713.tsm.meta",
      JSON.stringify({ tsm_id: 7, name: "web-1", pid, start_time: started, command }),
    );
    inHome(
      home,
      "db/1760374714.tsm.meta",
      JSON.stringify({ pid: 4_194_000, start_time: 1_760_374_714, command: "sleep 600" }),
    );
    linkInHome(home, "active/job-2.tsm.meta", "../db/1760374714.tsm.meta");
    inHome(home, "db/events/2025-10-01.jsonl", "kept\n");
    await tsm(home, ["list"]);
    expect(await row(home, "web-1")).toMatchObject({ id: 7, pid, status: "online", supervised: true });
    expect(await row(home, "job-2")).toMatchObject({ id: 0, status: "stopped" });
    // Where it writes is not in the home: that is its log, and stays where it is.
    expect((await tsm(home, ["logs", "web-1"])).stdout).toContain("tick a  b\n");
    expect(existsSync(join(home.folder, "w.out"))).toBe(true);
    expect(readdirSync(join(home.path, "db"))).toEqual(["events"]);
    expect(textIn(home, "db/events/2025-10-01.jsonl")).toBe("kept\n");
  });

  test("seed 003's folders: 14 fields and a port that is text become a record of ours, in their place", async () => {
    const home = makeHome();
    const folder = "runtime/processes/shop-18310";
    const {
      pid,
      started,
      script: path,
    } = await oldLife(home, "shop", `${folder}/current.out`, `${folder}/current.err`);
    const old = {
      tsm_id: 4,
      name: "shop-18310",
      pid,
      command: `bash ${path} 'a  b'`,
      port: "18310",
      cwd: home.folder,
      interpreter: "/usr/bin/bash",
      process_type: "bash",
      env_file: "",
      prehook: "",
      start_time: started,
      status: "online",
      restarts: 1,
      unstable_restarts: 0,
    };
    inHome(home, `${folder}/meta.json`, JSON.stringify(old));
    inHome(home, `${folder}/shop-18310.pid`, String(pid));
    inHome(home, "runtime/ports/registry.tsv", "4\tshop-18310\t18310\t18310\t1\t2\n");
    await tsm(home, ["list"]);
    expect(await row(home, "shop-18310")).toMatchObject({
      id: 4,
      pid,
      status: "online",
      supervised: true,
      restarts: 1,
    });
    expect(readMeta(home, "shop-18310")["port"]).toBe(18310);
    expect(JSON.parse(readFileSync(join(backupOf(home), folder, "meta.json"), "utf8"))).toEqual(old);
    expect(textIn(home, "runtime/ports")).toMatch(/^# .*\nshop:18310\n# .*\n$/);
  });

  test("a folder of the older kind in a home that is in use is named, and migrate brings it over", async () => {
    const home = makeHome();
    await tsm(home, ["start", "--name", "own", "--settle", "0", "--", "sleep", "600"]);
    const old = { tsm_id: 0, name: "late", pid: 4_194_000, command: "sleep 600", port: "none", status: "stopped" };
    inHome(home, "runtime/processes/late/meta.json", JSON.stringify(old));
    expect((await tsm(home, ["list"])).stderr).toContain("tsm migrate brings it over");
    expect((await tsm(home, ["migrate"])).stdout).toContain("'late' (TSM ID: 1, was 0): stopped\n");
    expect((await tsm(home, ["start", "late", "--settle", "0"])).code).toBe(0);
    expect(await row(home, "own")).toMatchObject({ id: 0, status: "online" });
  });
});

describe("services of seed 002", () => {
  test("definitions move to the org tetra, links become links of the one folder, and nothing is lost", async () => {
    const home = makeHome();
    const tetra = tetraOf(home);
    inHome(home, "services-available/quasar.tsm", 'TSM_COMMAND="sleep 600"\nTSM_ENV=none\n');
    inHome(home, "services-available/both.tsm", 'TSM_COMMAND="sleep 601"\n');
    define(home, "tetra/both", 'TSM_COMMAND="sleep 602"\nTSM_ENV=none\n');
    define(home, "pj/web", 'TSM_COMMAND="sleep 603"\n');
    linkInHome(home, "services-enabled/quasar.tsm", "../services-available/quasar.tsm");
    const links = join(tetra, "orgs/pj/tsm/services-enabled");
    mkdirSync(links, { recursive: true });
    symlinkSync("../services-available/web.tsm", join(links, "web.tsm"));
    symlinkSync("../services-available/gone.tsm", join(links, "gone.tsm"));
    writeFileSync(join(links, "hand.tsm"), 'TSM_COMMAND="sleep 604"\nTSM_ENV=none\n');
    const { stderr, stdout } = await tsm(home, ["services", "--enabled"]);
    for (const ref of ["pj/hand", "pj/web", "tetra/quasar"]) expect(stdout).toContain(ref);
    expect(stderr).toContain(
      `${links}/gone.tsm: it leads to ../services-available/gone.tsm, which is not a definition\n`,
    );
    expect(stderr).toContain("both.tsm is there already, and says something else\n");

    expect(readFileSync(definitionOf(home, "tetra/quasar"), "utf8")).toBe('TSM_COMMAND="sleep 600"\nTSM_ENV=none\n');
    expect(readFileSync(definitionOf(home, "tetra/both"), "utf8")).toBe('TSM_COMMAND="sleep 602"\nTSM_ENV=none\n');
    expect(readdirSync(join(home.path, "services-enabled")).sort()).toEqual([
      "pj-hand.tsm",
      "pj-web.tsm",
      "tetra-quasar.tsm",
    ]);
    expect(readlinkSync(enabledLink(home, "pj-web"))).toBe(definitionOf(home, "pj/web"));
    expect(existsSync(links)).toBe(false);
    expect(existsSync(join(home.path, "services-available"))).toBe(false);
    const backup = backupOf(home);
    expect(readFileSync(join(backup, "services-available/both.tsm"), "utf8")).toBe('TSM_COMMAND="sleep 601"\n');
    expect(readlinkSync(join(backup, "beside/orgs/pj/tsm/services-enabled/gone.tsm"))).toBe(
      "../services-available/gone.tsm",
    );
    expect((await tsm(home, ["startup"])).code).toBe(0);
    expect((await tsm(home, ["disable", "tetra/quasar"])).stdout).toContain("✅ Disabled: tetra/quasar");
  });

  test("a link to a definition that was not brought over enables nothing, least of all what has its place", async () => {
    const home = makeHome();
    inHome(home, "services-available/both.tsm", 'TSM_COMMAND="sleep 601"\n');
    define(home, "tetra/both", 'TSM_COMMAND="sleep 602"\n');
    const own = linkInHome(home, "services-enabled/both.tsm", "../services-available/both.tsm");
    const links = join(tetraOf(home), "orgs/pj/tsm/services-enabled");
    mkdirSync(links, { recursive: true });
    symlinkSync("../../../../home/services-available/both.tsm", join(links, "both.tsm"));
    const { stderr } = await tsm(home, ["services"]);
    const old = join(home.path, "services-available/both.tsm");
    for (const link of [own, join(links, "both.tsm")])
      expect(stderr).toContain(`${link}: it leads to ${old}, which was not brought over\n`);
    expect(await tsm(home, ["services", "--enabled"])).toMatchObject({
      stdout: expect.stringContaining("tsm enable ORG/NAME"),
      stderr: "",
    });
    const backup = backupOf(home);
    expect(readlinkSync(join(backup, "services-enabled/both.tsm"))).toBe("../services-available/both.tsm");
    expect(readlinkSync(join(backup, "beside/orgs/pj/tsm/services-enabled/both.tsm"))).toContain("both.tsm");
  });

  test("a link that is there already, and leads elsewhere, stays as it is", async () => {
    const home = makeHome();
    define(home, "pj/web", 'TSM_COMMAND="sleep 600"\n');
    const other = script(home, "web.tsm", 'TSM_COMMAND="sleep 601"\n');
    const taken = linkInHome(home, "services-enabled/pj-web.tsm", other);
    const links = join(tetraOf(home), "orgs/pj/tsm/services-enabled");
    mkdirSync(links, { recursive: true });
    symlinkSync(definitionOf(home, "pj/web"), join(links, "web.tsm"));
    expect((await tsm(home, ["services"])).stderr).toContain(`${taken} is there already, and leads elsewhere\n`);
    expect(readlinkSync(taken)).toBe(other);
    expect(readlinkSync(join(backupOf(home), "beside/orgs/pj/tsm/services-enabled/web.tsm"))).toBe(
      definitionOf(home, "pj/web"),
    );
  });
});

test("a home somewhere else leaves alone what is enabled in TETRA_DIR, whose own home takes it over", async () => {
  const home = makeHome();
  const tetra = join(home.folder, "tetra");
  const link = join(tetra, "orgs/pj/tsm/services-enabled/web.tsm");
  const definition = join(tetra, "orgs/pj/tsm/services-available/web.tsm");
  for (const folder of [dirname(link), dirname(definition), home.path, join(tetra, "tsm/runtime")])
    mkdirSync(folder, { recursive: true });
  writeFileSync(definition, 'TSM_COMMAND="sleep 600"\n');
  symlinkSync("../services-available/web.tsm", link);
  for (const words of [["setup"], ["list"], ["migrate"]])
    expect(await tsm(home, words, { env: { TETRA_DIR: tetra } })).toMatchObject({ code: 0, stderr: "" });
  expect(readlinkSync(link)).toBe("../services-available/web.tsm");
  const own = await tsm(home, ["list"], { env: { TETRA_DIR: tetra, TSM_HOME: "" } });
  expect(own.stderr).toContain("service pj/web: enabled, by ");
  expect(readlinkSync(join(tetra, "tsm/services-enabled/pj-web.tsm"))).toBe(definition);
});

test("a home that this user may not write: that is said, and the command goes on", async () => {
  const home = makeHome();
  flatRest(home, "api-18316", 18316, 0);
  // In the way of what is to be made: so it is for root too.
  inHome(home, "locks", "");
  const { stderr, code } = await tsm(home, ["list"]);
  expect(code).toBe(0);
  expect(stderr).toMatch(/^tsm: what an older TSM has left here could not be brought over: /);
  expect(existsSync(join(home.path, "processes/api-18316.meta"))).toBe(true);
});

describe("what was written down is data", () => {
  test("nothing of it is run, at no time", async () => {
    const home = makeHome();
    const pwned = join(home.folder, "pwned");
    const bomb = `$(touch ${pwned})`;
    const line = `script=${bomb} pid=${bomb} port=\`touch ${pwned}\` start_time=${bomb} type=cli tpm_id=${bomb}; touch ${pwned}\n`;
    inHome(home, "processes/evil-1.meta", line);
    inHome(
      home,
      "runtime/processes/evil-2.meta",
      `tsm_id=1\ncommand=${bomb}\ntouch ${pwned}\nscript=a;touch ${pwned}\n`,
    );
    inHome(home, "processes/$(touch pwned).meta", `script=/x.sh pid=1 port=1 tsm_id=2\n`);
    inHome(home, "services-available/evil.tsm", `TSM_COMMAND="sleep 600"\ntouch ${pwned}\n`);
    inHome(home, "next_id", bomb);
    await tsm(home, ["list"]);
    expect((await list(home)).map(({ name, status }) => [name, status])).toEqual([
      ["evil-1", "stopped"],
      ["evil-2", "stopped"],
      ["$(touch pwned)", "stopped"],
    ]);
    await tsm(home, ["services"]);
    await tsm(home, ["start", "evil-1"]);
    await tsm(home, ["restart", "*", "--settle", "0"]);
    expect(existsSync(pwned)).toBe(false);
    expect(existsSync("pwned")).toBe(false);
  });

  test("what is no record, too large, a link or of an impossible name is set aside, and said", async () => {
    const home = makeHome();
    const secret = script(home, "secret", "script=/s.sh pid=1 port=1 tsm_id=1\n");
    inHome(home, "processes/binary.meta", Buffer.from(Array.from({ length: 4096 }, (_, at) => (at * 7) % 256)));
    inHome(home, "processes/empty.meta", "");
    inHome(home, "processes/huge.meta", `script=/x.sh pid=1 ${"x".repeat(100_000)}\n`);
    inHome(home, "processes/half.json", '{"tsm_id": 1, "na');
    inHome(home, "processes/-flag.meta", "script=/x.sh pid=1\n");
    linkInHome(home, "processes/link.meta", secret);
    inHome(home, "db/1.tsm.meta", '{"name": "../../evil", "pid": 12}');
    inHome(home, "processes/nul.meta", "script=/a\0b.sh pid=12 port=70000 start_time=x tsm_id=-1\n");
    const { stderr, code } = await tsm(home, ["list", "all"]);
    expect(code).toBe(0);
    const said = (file: string) => stderr.split("\n").find((line) => line.includes(file));
    expect(said("binary.meta")).toMatch(/it says nothing about a process$/);
    expect(said("empty.meta")).toMatch(/it says nothing about a process$/);
    expect(said("huge.meta")).toMatch(/it is larger than any record$/);
    expect(said("half.json")).toMatch(/it says nothing about a process$/);
    expect(said("-flag.meta")).toMatch(/no process can have that name$/);
    expect(said("link.meta")).toMatch(/it is a link$/);
    expect(said("1.tsm.meta")).toMatch(/no process can have that name$/);
    expect((await list(home)).map(({ name }) => name)).toEqual(["nul"]);
    expect(readdirSync(join(backupOf(home), "processes")).sort()).toEqual(
      ["-flag.meta", "binary.meta", "empty.meta", "half.json", "huge.meta", "link.meta", "nul.meta"].sort(),
    );
    expect(readFileSync(secret, "utf8")).toContain("tsm_id=1");
    expect(existsSync(join(dirname(home.path), "evil"))).toBe(false);
    expect(await tsm(home, ["list"])).toMatchObject({ code: 0, stderr: "" });
  });

  test("a folder behind a link is not looked into, nor is a log that is no file of the home", async () => {
    const home = makeHome();
    mkdirSync(join(home.folder, "elsewhere"));
    writeFileSync(join(home.folder, "elsewhere/x.meta"), "script=/x.sh pid=1 port=1 tsm_id=1\n");
    linkInHome(home, "processes", join(home.folder, "elsewhere"));
    const passwd = script(home, "passwd", "root\n");
    const logs = { out: passwd, err: "/etc/hostname" };
    inHome(
      home,
      "runtime/processes/it.json",
      JSON.stringify({ tsm_id: 0, pid: 4_194_000, logs, command: "sleep 600" }),
    );
    linkInHome(home, "logs/it.out", passwd);
    expect((await tsm(home, ["list"])).stderr).toContain(
      "processes: it is a link, and what it leads to was not looked into\n",
    );
    expect(readdirSync(join(home.folder, "elsewhere"))).toEqual(["x.meta"]);
    expect((await tsm(home, ["start", "it", "--settle", "0"])).code).toBe(0);
    expect(readFileSync(passwd, "utf8")).toBe("root\n");
    expect(await tsm(home, ["list"])).toMatchObject({ stderr: "" });
  });

  test("a name that a process of ours has: that one stays, and the old files are set aside", async () => {
    const home = makeHome();
    await tsm(home, ["start", "--name", "api", "--settle", "0", "--", "sleep", "600"]);
    const { pid } = await row(home, "api");
    inHome(home, "processes/api.meta", "script=/x.sh pid=4194000 port=1 tsm_id=0\n");
    expect((await tsm(home, ["list"])).stderr).toContain(
      "'api' was not brought over: a process of that name is on record\n",
    );
    expect(await list(home)).toMatchObject([{ name: "api", pid, status: "online" }]);
    expect(existsSync(join(backupOf(home), "processes/api.meta"))).toBe(true);
  });
});

test("$TSM_PORTS_FILE is read once: it gives ports to who has none on record", async () => {
  const home = makeHome();
  const ports = script(home, "ports", "api:18311\nother:99999\nnobody:4000\n$(touch pwned):1\ny:3001 # ours\n");
  inHome(home, "runtime/processes/api.meta", "pid=4194000\nstart_time=1697234567\n");
  const { stderr } = await tsm(home, ["list"], { env: { TSM_PORTS_FILE: ports } });
  expect(stderr).toContain("'api' (TSM ID: 0, Port: 18311): stopped");
  expect(stderr).toContain("ports of no process here: nobody:4000, $(touch pwned):1, y:3001\n");
  expect(stderr).toContain(`${ports}: line 2 is no NAME:PORT: other:99999\n`);
  expect(await row(home, "api")).toMatchObject({ port: 18311 });
  writeFileSync(ports, "api:18312\n");
  expect(await tsm(home, ["list"], { env: { TSM_PORTS_FILE: ports } })).toMatchObject({ stderr: "" });
  expect(await row(home, "api")).toMatchObject({ port: 18311 });
});

describe("migrate", () => {
  test("what is hidden by its name stays where it is, and migrate names it each time", async () => {
    const home = makeHome();
    flatRest(home, "api-18308", 18308, 0);
    inHome(home, "processes/.old-1.meta", metaLine({ script: "/x.sh", pid: 1, port: 1, started: 1, id: 9 }));
    inHome(home, "services-available/.mine.tsm", "TSM_COMMAND='sleep 1'\n");
    const lines = ["processes/.old-1.meta", "services-available/.mine.tsm"].map(
      (path) => `  ${home.path}/${path}: its name begins with a dot, and it stays where it is`,
    );
    expect((await tsm(home, ["migrate", "--dry-run"])).stdout.split("\n")).toEqual(expect.arrayContaining(lines));
    expect((await tsm(home, ["migrate"])).stdout.split("\n")).toEqual(expect.arrayContaining(lines));
    expect(await tsm(home, ["list"])).toMatchObject({ code: 0, stderr: "" });
    expect(await tsm(home, ["migrate"])).toMatchObject({
      code: 0,
      stdout: `${["tsm: nothing to migrate", ...lines].join("\n")}\n`,
    });
  });

  test("--dry-run says what it would do, as text and as JSON, and changes nothing", async () => {
    const home = makeHome();
    const { pid } = await flatLife(home, "server-18313", 18313, 0);
    const before = readdirSync(home.path, { recursive: true }).sort();
    const { stdout, stderr, code } = await tsm(home, ["migrate", "--dry-run"]);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toContain("it would be brought over:\n");
    expect(stdout).toContain(`'server-18313' (TSM ID: 0, PID: ${pid}, Port: 18313): runs on, with its logs\n`);
    expect(await tsmJson(home, ["migrate", "--dry-run"])).toMatchObject({
      dryRun: true,
      backup: null,
      processes: [{ id: 0, name: "server-18313", outcome: "adopted", pid, startable: true }],
    });
    expect(readdirSync(home.path, { recursive: true }).sort()).toEqual(before);
    expect((await tsm(home, ["migrate"])).stdout).toContain("The old files are kept in ");
    expect((await tsm(home, ["migrate"])).stdout).toBe("tsm: nothing to migrate\n");
  });

  test("what has nothing to do with the home leaves it as it is", async () => {
    const home = makeHome();
    flatRest(home, "api-1", 18314, 0);
    for (const words of [["help"], ["version"], ["completion", "bash"], ["list", "--help"]]) {
      expect(await tsm(home, words)).toMatchObject({ code: 0, stderr: "" });
    }
    expect(readdirSync(home.path).sort()).toEqual(["logs", "pids", "processes"]);
  });

  test("files that are none of TSM's stay, and are no reason to say anything", async () => {
    const home = makeHome();
    inHome(home, "active/notes.txt", "mine\n");
    inHome(home, "processes/readme.md", "mine\n");
    for (let round = 0; round < 2; round += 1) expect(await tsm(home, ["list"])).toMatchObject({ code: 0, stderr: "" });
    expect(textIn(home, "active/notes.txt")).toBe("mine\n");
    expect(textIn(home, "processes/readme.md")).toBe("mine\n");
  });

  test("the first command of the shell finds it done", async () => {
    const home = makeHome();
    flatRest(home, "api-18315", 18315, 0);
    const { stdout, stderr } = await tsm(home, ["repl", "-c", "list all"]);
    expect(stdout).toContain("api-18315");
    expect(stderr).toContain("it has been brought over:");
  });
});
