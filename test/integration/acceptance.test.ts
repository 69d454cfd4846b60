import { execFile } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parseRecord } from "../../src/core/record.ts";
import { crowd } from "../support/crowd.ts";
import { report } from "../support/figures.ts";
import { type Home, makeHome } from "../support/home.ts";
import { row } from "../support/managed.ts";
import { faultsIn, numberedWriter, wholeLog } from "../support/numbered.ts";
import { freePort } from "../support/ports.ts";
import { folderOf, logOf, readMeta } from "../support/record.ts";
import { script } from "../support/scripts.ts";
import { cleanEnvironment, type Outcome, program, tsm, tsmJson } from "../support/tsm.ts";
import { until } from "../support/until.ts";

/* What the founding documents ask to be tried, where no other file does. Seed 002's ten items are in services.test.ts. */

describe("seed 000", () => {
  test('tsm start "python3 -m http.server N" --name test-pm2 makes the four files, and tsm ls shows it', async () => {
    const home = makeHome();
    const port = await freePort();
    const words = ["start", `python3 -m http.server ${port}`, "--name", "test-pm2", "--settle", "30000"];
    expect(await tsm(home, words)).toMatchObject({ code: 0, stderr: "" });
    const name = `test-pm2-${port}`;
    expect(readdirSync(folderOf(home, name))).toEqual(
      expect.arrayContaining(["meta.json", `${name}.pid`, "current.out", "current.err"]),
    );
    expect((await tsm(home, ["ls"])).stdout).toMatch(new RegExp(`${name} .*online .*${port}`));
    expect(readFileSync(join(folderOf(home, name), `${name}.pid`), "utf8")).toBe(`${readMeta(home, name)["pid"]}\n`);
  });
});

describe("seed 001's four kinds of tests", () => {
  test("JSON metadata: whoever reads it while it is written reads a whole one", { timeout: 300_000 }, async () => {
    const home = makeHome();
    await tsm(home, ["start", "--name", "it", "--settle", "0", "--", "sleep", "600"]);
    const meta = join(folderOf(home, "it"), "meta.json");
    let reads = 0;
    const writers = Promise.all(
      [0, 1, 2].map(async () => {
        for (const verb of ["restart", "stop", "start"])
          await tsm(home, [verb, "it", ...(verb === "stop" ? [] : ["--settle", "0"])]);
      }),
    );
    let isOver = false;
    const over = writers.then(() => {
      isOver = true;
    });
    while (!isOver) {
      expect(parseRecord(readFileSync(meta, "utf8"), "it")).toMatchObject({ tsm_id: 0, name: "it" });
      reads += 1;
      // A breath: the writers need the processor too.
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    await over;
    report(`${reads} reads while three wrote`);
    // Nothing half-made is left beside it.
    expect(readdirSync(folderOf(home, "it")).filter((file) => /meta/.test(file))).toEqual(["meta.json"]);
  });

  test("log rotation: by size, by itself, without a lost line", { timeout: 300_000 }, async () => {
    const home = makeHome();
    const writer = numberedWriter(home, { burst: 200 });
    await tsm(home, ["start", "--name", "w", "--log-max-size", "50K", "--log-keep", "1000", "--", "bash", writer]);
    await until("it was rotated twice", () => readdirSync(folderOf(home, "w")).includes("current.out.2.gz"));
    await tsm(home, ["stop", "w"]);
    // Behind whoever may be at it now.
    await tsm(home, ["rotate", "w"]);
    expect(faultsIn(wholeLog(home, "w"))).toEqual([]);
  });

  test("tsm ls with 100+ processes shows each, by id, with one look", async () => {
    const home = makeHome();
    await crowd(home, 120);
    const begun = performance.now();
    const { stdout, code } = await tsm(home, ["ls"]);
    report(`§6.19 tsm ls of 120 processes: ${Math.round(performance.now() - begun)} ms, the start of Node in it`);
    expect(code).toBe(0);
    const shown = stdout.split("\n").flatMap((line) => /^│ (\d+) +│ (p\d+) +│ online/.exec(line)?.slice(1) ?? []);
    expect(shown).toEqual(Array.from({ length: 120 }, (_, id) => [String(id), `p${id}`]).flat());
    expect(await tsmJson(home, ["ls"])).toHaveLength(120);
  });
});

describe("seed 004's examples, as they stand there", () => {
  const deploy = `#!/usr/bin/env bash
# deploy.sh

# Start application with TSM
tsm start app.sh production

# Wait for startup
sleep 2

# Check status
if tsm list | grep -q "production.*online"; then
    echo "Deployment successful"
else
    echo "Deployment failed"
    exit 1
fi
`;

  test.for([
    {
      app: "#!/usr/bin/env bash\nexport PORT=18420\necho up\nexec sleep 600\n",
      code: 0,
      says: "Deployment successful\n",
    },
    { app: "#!/usr/bin/env bash\nexport PORT=18420\nexit 3\n", code: 1, says: "Deployment failed\n" },
  ])("the shell script: $says", async ({ app, code, says }) => {
    const home = makeHome();
    script(home, "app.sh", app, 0o755);
    script(home, "deploy.sh", deploy, 0o755);
    const done = await run(home, "./deploy.sh");
    expect(done.code).toBe(code);
    expect(done.stdout.endsWith(says)).toBe(true);
  });

  test.skipIf(!existsSync("/usr/bin/make"))("the Makefile", async () => {
    const home = makeHome();
    script(
      home,
      "server.sh",
      "#!/usr/bin/env bash\nexport PORT=18421\nfor i in {1..150}; do echo line $i; done\nexec sleep 600\n",
      0o755,
    );
    script(
      home,
      "Makefile",
      "start:\n\ttsm start server.sh\n\nstop:\n\ttsm stop server\n\nrestart:\n\ttsm restart server\n\nlogs:\n\ttsm logs server --lines 100\n\nstatus:\n\ttsm list\n",
    );
    const make = async (target: string) => {
      const done = await run(home, "make", "--silent", target);
      expect(done, target).toMatchObject({ code: 0, stderr: "" });
      return done.stdout;
    };
    expect(await make("start")).toContain("started 'server-18421'");
    expect(await make("status")).toMatch(/server-18421 .*online/);
    await until("it has written", () => logOf(home, "server-18421").includes("line 150\n"));
    const lines = (await make("logs")).trimEnd().split("\n");
    expect(lines).toHaveLength(100);
    expect(lines.at(-1)).toContain("line 150");
    expect(await make("restart")).toContain("restarted 'server-18421' (TSM ID: 0");
    expect(await make("stop")).toContain("stopped 'server-18421'");
    const again = await run(home, "make", "--silent", "stop");
    expect(again.code).toBe(0);
  });
});

describe("bugs of the original", () => {
  test("§6.5: nobody is given a port that another has, as none is made up", async () => {
    const home = makeHome();
    for (const name of ["a", "b", "c", "d"])
      await tsm(home, ["start", "--name", name, "--settle", "0", "--", "sleep", "600"]);
    expect(await Promise.all(["a", "b", "c", "d"].map(async (name) => readMeta(home, name)["port"]))).toEqual(
      Array(4).fill("none"),
    );
    expect((await tsm(home, ["ports"])).stdout).not.toMatch(/Port: \d/);
  });

  test("§6.25: a restart keeps what was logged, and the next life writes behind it", async () => {
    const home = makeHome();
    script(home, "life.sh", "echo life $$; echo err $$ >&2; exec sleep 600\n");
    const pids: unknown[] = [];
    for (const words of [
      ["start", "life.sh"],
      ["restart", "life"],
      ["restart", "life"],
    ]) {
      await tsm(home, [...words, "--settle", "0"]);
      pids.push((await row(home, "life")).pid);
      await until("it has written", () => logOf(home, "life", "err").includes(`err ${pids.at(-1)}\n`));
    }
    expect(logOf(home, "life")).toBe(pids.map((pid) => `life ${pid}\n`).join(""));
    expect(logOf(home, "life", "err")).toBe(pids.map((pid) => `err ${pid}\n`).join(""));
  });

  test("§6.27: mv of a log: it keeps what it has, new lines come to a new file, and none is lost", async () => {
    const home = makeHome();
    await tsm(home, ["start", "--name", "w", "--", "bash", numberedWriter(home, { burst: 50 })]);
    const log = join(folderOf(home, "w"), "current.out");
    const dated = `${log}.20251121`;
    await until("it has written", () => statSync(log).size > 1000);
    renameSync(log, dated);
    expect((await tsm(home, ["patrol"])).code).toBe(0);
    const { size } = statSync(dated);
    await until("new lines come", () => existsSync(log) && statSync(log).size > 1000);
    await tsm(home, ["stop", "w"]);
    expect(statSync(dated).size).toBe(size);
    expect(faultsIn(Buffer.concat([readFileSync(dated), readFileSync(log)]))).toEqual([]);
  });
});

/** Runs a program in the home's work folder, with `tsm` in its PATH. */
function run(home: Home, file: string, ...words: string[]): Promise<Pick<Outcome, "code" | "stdout" | "stderr">> {
  const bin = join(home.folder, "bin");
  mkdirSync(bin, { recursive: true });
  writeFileSync(join(bin, "tsm"), `#!/bin/sh\nexec '${process.execPath}' '${program}' "$@"\n`);
  chmodSync(join(bin, "tsm"), 0o755);
  const environment = cleanEnvironment(home);
  const env = { ...environment, PATH: `${bin}:${environment["PATH"]}` };
  return new Promise((resolve) => {
    execFile(file, words, { cwd: home.folder, env }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === "number" ? error.code : null;
      resolve({ code, stdout, stderr });
    });
  });
}
