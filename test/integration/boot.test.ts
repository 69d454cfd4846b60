import { execFile } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { type Home, makeHome } from "../support/home.ts";
import { parsePlist } from "../support/plist.ts";
import { reboot } from "../support/reboot.ts";
import { isAlive, pidOf } from "../support/record.ts";
import { script } from "../support/scripts.ts";
import { define } from "../support/services.ts";
import { problemsOf, valuesOf, wordsOf } from "../support/systemd.ts";
import { program, tsm } from "../support/tsm.ts";
import { until } from "../support/until.ts";
import { giveToUser } from "../support/user.ts";
import { tsmAsUser, userHome } from "../support/user-home.ts";

const run = promisify(execFile);

describe("a systemd unit of the machine's", () => {
  test("is shown and explained, and written only when that is permitted", async () => {
    const home = makeHome();
    const root = imageOf(home);
    const shown = await tsm(home, ["startup", "systemd", "--root", root]);
    expect(shown.code).toBe(64);
    expect(shown.stderr).toBe("tsm: nothing was written: --yes writes it\n");
    expect(shown.stdout).toContain(`Writes ${unitOf(root)}\n`);
    expect(shown.stdout).toContain("  Type=oneshot\n  RemainAfterExit=yes\n  KillMode=process\n");
    expect(existsSync(join(root, "etc"))).toBe(false);
    const written = await tsm(home, ["startup", "systemd", "--root", root, "--yes"]);
    expect(written).toMatchObject({ code: 0, stderr: "" });
    expect(statSync(unitOf(root)).mode & 0o777).toBe(0o644);
    const wants = join(root, "etc/systemd/system/multi-user.target.wants", `tsm-${me()}.service`);
    expect(readlinkSync(wants)).toBe(`/etc/systemd/system/tsm-${me()}.service`);
    expect(problemsOf(unitOf(root))).toBe("");
    const printed = await tsm(home, ["startup", "systemd", "--root", root, "--print"]);
    expect(printed).toMatchObject({ code: 0, stdout: readFileSync(unitOf(root), "utf8"), stderr: "" });
  });

  test("holds any path and variable as it is", async () => {
    const home = hostile(makeHome());
    const root = imageOf(home);
    const env = { TETRA_SRC: '/a b/$HOME/%h/"q"/back\\slash\n[Service]\nExecStart=/bin/false' };
    await tsm(home, ["startup", "systemd", "--root", root, "--yes"], { env });
    const unit = readFileSync(unitOf(root), "utf8");
    expect(problemsOf(unitOf(root))).toBe("");
    const environment = valuesOf(unit, "Environment").flatMap((line) => wordsOf(line, "kept"));
    expect(environment).toContain(`TSM_HOME=${home.path}`);
    expect(environment).toContain(`TETRA_SRC=${env.TETRA_SRC}`);
    expect(valuesOf(unit, "ExecStart").map((line) => wordsOf(line, "expanded"))).toEqual([
      [process.execPath, program, "startup", "--boot"],
    ]);
  });

  test("what it runs brings back what is enabled and what was saved, and writes down what came of it", async () => {
    const home = makeHome();
    const root = imageOf(home);
    define(home, "tetra/base", `TSM_COMMAND='sleep 601'\nTSM_CWD=${home.folder}\n`);
    define(home, "tetra/edited", `TSM_COMMAND='sleep 602'\nTSM_CWD=${home.folder}\nTSM_DEPENDS=base\n`);
    await tsm(home, ["enable", "base", "edited"]);
    await tsm(home, ["startup"]);
    await tsm(home, ["start", "--settle", "0", "--name", "saved", "--", "sleep", "600"]);
    await tsm(home, ["save"]);
    define(home, "tetra/edited", `TSM_COMMAND='sleep 603'\nTSM_CWD=${home.folder}\nTSM_DEPENDS=base\n`);
    await tsm(home, ["startup", "systemd", "--root", root, "--yes"]);
    const old = reboot(home, ["base-auto", "edited-auto", "saved"]);
    await until("they are gone", () => !old.some(isAlive));
    const { stdout } = await runUnit(unitOf(root));
    expect(stdout).toContain("✅ tetra/edited: started 'edited-auto'");
    expect(stdout).toContain("tsm: resurrected 'saved'");
    const commands = home
      .processes()
      .map(({ command }) => command)
      .filter((command) => command.startsWith("/usr/bin/sleep") || command.startsWith("sleep"));
    expect(commands.map((command) => command.replace(/^.*sleep /, "")).sort()).toEqual(["600", "601", "603"]);
    const log = readFileSync(join(home.path, "db/boot.log"), "utf8");
    expect(log).toMatch(/^\d{4}-\S+Z ✅ tetra\/base: started 'base-auto'/);
    expect(log).toContain("tsm: resurrected 'saved'");
    // Again, as when somebody restarts the unit: nothing is started twice.
    const pid = pidOf(home, "saved");
    await runUnit(unitOf(root));
    expect(pidOf(home, "saved")).toBe(pid);
  });

  test("a boot of which something fails says so with its exit code, also in its log", async () => {
    const home = makeHome();
    define(home, "tetra/bad", "TSM_NAME=x\n");
    await tsm(home, ["enable", "bad"]);
    await tsm(home, ["start", "--settle", "0", "--name", "well", "--", "sleep", "600"]);
    await tsm(home, ["save"]);
    await tsm(home, ["delete", "well"]);
    const booted = await tsm(home, ["startup", "--boot"]);
    expect(booted.code).toBe(1);
    expect(booted.stderr).toContain("❌ tetra/bad: ");
    expect(booted.stdout).toContain("tsm: resurrected 'well'");
    expect(readFileSync(join(home.path, "db/boot.log"), "utf8")).toContain("❌ tetra/bad: ");
  });

  test("--check tells what is missing, and unstartup takes all of it away", async () => {
    const home = makeHome();
    const root = imageOf(home);
    const check = () => tsm(home, ["startup", "systemd", "--check", "--root", root]);
    expect(await check()).toMatchObject({ code: 1, stdout: expect.stringContaining("❌ nothing starts") });
    await tsm(home, ["startup", "systemd", "--root", root, "--yes"]);
    const tool = script(home, "tool", "#!/bin/sh\nexec sleep 600\n", 0o755);
    await tsm(home, ["start", "--settle", "0", "--name", "it", "--", tool]);
    await tsm(home, ["save"]);
    const well = await check();
    expect(well).toMatchObject({ code: 0, stderr: "" });
    expect(well.stdout).toContain("✅ 1 process is saved in ");
    define(home, "tetra/empty", "");
    define(home, "tetra/no-folder", "TSM_COMMAND='sleep 600'\nTSM_ENV=local\n");
    define(home, "tetra/anywhere", "TSM_COMMAND='sleep 600'\nTSM_ENV=none\n");
    define(home, "tetra/gone", "TSM_COMMAND='sleep 600'\nTSM_CWD=/nowhere\n");
    define(home, "tetra/no-env", `TSM_COMMAND='sleep 600'\nTSM_CWD="${home.folder}"\nTSM_ENV=local\n`);
    define(home, "tetra/not-asked", "TSM_COMMAND='sleep 600'\nTSM_AUTOSTART=no\n");
    define(home, "tetra/of-bash", "TSM_COMMAND=$(echo sleep 600)\n");
    await tsm(home, ["enable", "empty", "no-folder", "anywhere", "gone", "no-env", "not-asked", "of-bash"]);
    const enabled = await check();
    expect(enabled.code).toBe(1);
    expect(enabled.stdout.slice(enabled.stdout.indexOf("⚠️  7 services"))).toBe(`⚠️  7 services are enabled
⚠️  tetra/anywhere: TSM_CWD is no absolute path, and a boot begins in no folder of yours
❌ tetra/empty: there is no TSM_COMMAND
❌ tetra/gone: its folder /nowhere does not exist
❌ tetra/no-env: its env file ${home.folder}/env/local.env does not exist
❌ tetra/no-folder: TSM_CWD is no absolute path: a boot does not find its env file env/local.env
`);
    const text = readFileSync(unitOf(root), "utf8");
    writeFileSync(unitOf(root), text.replaceAll(process.execPath, "/nowhere/v20.1.0/bin/node"));
    const drifted = await check();
    expect(drifted.code).toBe(1);
    expect(drifted.stdout).toContain("is not as it would be written now: tsm startup systemd --yes");
    expect(drifted.stdout).toContain("❌ /nowhere/v20.1.0/bin/node, which it runs, is gone");
    await tsm(home, ["startup", "systemd", "--root", root, "--yes"]);
    rmSync(join(root, "etc/systemd/system/multi-user.target.wants"), { recursive: true });
    expect((await check()).stdout).toContain("❌ it is not enabled");
    const kept = await tsm(home, ["unstartup", "--root", root]);
    expect(kept).toMatchObject({ code: 64, stderr: "tsm: nothing was removed: --yes removes it\n" });
    expect(await tsm(home, ["unstartup", "--root", root, "--yes"])).toMatchObject({ code: 0 });
    expect(existsSync(unitOf(root))).toBe(false);
    expect(await tsm(home, ["unstartup", "--root", root, "--yes"])).toMatchObject({
      code: 0,
      stdout: "tsm: nothing starts it at boot\n",
    });
    expect(isAlive(pidOf(home, "it"))).toBe(true);
  });

  test("--check names a list that is damaged, and leaves it where it is", async () => {
    const home = makeHome();
    const root = imageOf(home);
    const dump = join(home.path, "dump.json");
    const check = () => tsm(home, ["startup", "systemd", "--check", "--root", root]);
    await tsm(home, ["start", "--settle", "0", "--name", "it", "--", "sleep", "600"]);
    await tsm(home, ["save"]);
    writeFileSync(`${dump}.1`, readFileSync(dump));
    writeFileSync(dump, "{");
    for (const _again of [1, 2]) {
      const { code, stdout } = await check();
      expect(code).toBe(1);
      expect(stdout).toContain(`❌ ${dump} is damaged: it is not whole JSON\n✅ 1 process is saved in ${dump}.1\n`);
    }
    rmSync(`${dump}.1`);
    expect((await check()).stdout).toContain(
      `❌ ${dump} is damaged: it is not whole JSON\n❌ nothing else is saved: tsm save\n`,
    );
    expect(readFileSync(dump, "utf8")).toBe("{");
  });

  test("another home's unit, and one that somebody has written, stay as they are", async () => {
    const home = makeHome();
    const other = makeHome();
    const root = imageOf(home);
    await tsm(home, ["startup", "systemd", "--root", root, "--yes"]);
    for (const verb of ["startup", "unstartup"]) {
      const refused = await tsm(other, [verb, "systemd", "--root", root, "--yes"]);
      expect(refused).toMatchObject({ code: 1, stdout: "" });
      expect(refused.stderr).toContain(`is that of the home ${home.path}`);
    }
    writeFileSync(unitOf(root), "[Service]\nExecStart=/bin/true\n");
    const refused = await tsm(home, ["startup", "systemd", "--root", root, "--yes"]);
    expect(refused.stderr).toContain("was not written by tsm");
    expect(readFileSync(unitOf(root), "utf8")).toBe("[Service]\nExecStart=/bin/true\n");
  });

  test("a node in a folder of one version: a link to it that stays is taken, else it is said", async () => {
    const home = makeHome();
    const node = join(home.folder, ".nvm/versions/node/v99.1.0/bin/node");
    mkdirSync(dirname(node), { recursive: true });
    writeFileSync(node, readFileSync(process.execPath));
    chmodSync(node, 0o755);
    const stays = join(home.folder, "bin");
    mkdirSync(stays);
    symlinkSync(node, join(stays, "node"));
    const print = (path: string) =>
      tsm(home, ["startup", "systemd", "--root", imageOf(home), "--json"], { node, env: { PATH: path } });
    const linked = JSON.parse((await print(`${dirname(node)}:${stays}:/usr/bin:/bin`)).stdout);
    expect(linked.unit).toContain(`ExecStart="${stays}/node" `);
    rmSync(join(stays, "node"));
    // Whatever this machine has in /usr/bin: what is taken is said.
    const alone = JSON.parse((await print(`${dirname(node)}:/usr/bin:/bin`)).stdout);
    expect(alone.explained.join("\n")).toContain(node);
  });
});

test("a unit of one's own: for a user who lingers", async () => {
  const home = userHome();
  const said = join(home.folder, "said");
  script(home, "bin/loginctl", `#!/bin/sh\necho "$@" >${said}\n`, 0o755);
  giveToUser(join(home.folder, "bin"));
  const env = { PATH: `${home.folder}/bin:${process.env["PATH"]}`, XDG_CONFIG_HOME: "" };
  const written = await tsmAsUser(home, ["startup", "systemd", "--yes"], env);
  expect(written).toMatchObject({ code: 0, stderr: "" });
  const folder = join(home.folder, ".config/systemd/user");
  const unit = readFileSync(join(folder, "tsm.service"), "utf8");
  expect(valuesOf(unit, "User")).toEqual([]);
  expect(valuesOf(unit, "WantedBy")).toEqual(["default.target"]);
  expect(readlinkSync(join(folder, "default.target.wants/tsm.service"))).toBe(join(folder, "tsm.service"));
  expect(readFileSync(said, "utf8")).toMatch(/^enable-linger \S+\n$/);
  expect(problemsOf(join(folder, "tsm.service"), "user")).toBe("");
  const check = await tsmAsUser(home, ["startup", "--check"], env);
  expect(check.stderr).toBe("");
  expect(check.stdout).toContain(`✅ ${folder}/tsm.service is as it would be written now`);
  expect(check.stdout).toContain("does not linger: loginctl enable-linger");
  // Where that fails the unit stands, and what is left to do is told.
  script(home, "bin/loginctl", "#!/bin/sh\necho 'no bus' >&2; exit 1\n", 0o755);
  const left = await tsmAsUser(home, ["startup", "systemd", "--yes"], env);
  expect(left.code).toBe(1);
  expect(left.stderr).toMatch(/^tsm: loginctl enable-linger \S+ failed, run it yourself: no bus\n$/);
  const refused = await tsmAsUser(home, ["startup", "systemd", "--user", "root", "--yes"], env);
  expect(refused).toMatchObject({ code: 64, stdout: "" });
  expect(refused.stderr).toContain("only root may change what systemd does for the whole machine");
  expect(await tsmAsUser(home, ["unstartup", "--yes"], env)).toMatchObject({ code: 0, stderr: "" });
  expect(existsSync(join(folder, "tsm.service"))).toBe(false);
});

test("a launchd job is a property list that holds any path", async () => {
  const home = hostile(makeHome());
  const root = imageOf(home);
  expect(await tsm(home, ["startup", "launchd", "--root", root, "--yes"])).toMatchObject({ code: 0, stderr: "" });
  const file = join(root, `Library/LaunchDaemons/tetra.tsm.${me()}.plist`);
  expect(parsePlist(readFileSync(file, "utf8"))).toMatchObject({
    Label: `tetra.tsm.${me()}`,
    ProgramArguments: [process.execPath, program, "startup", "--boot"],
    EnvironmentVariables: { TSM_HOME: home.path },
    UserName: me(),
    RunAtLoad: true,
    AbandonProcessGroup: true,
  });
  expect(await tsm(home, ["unstartup", "launchd", "--root", root, "--yes"])).toMatchObject({ code: 0 });
  expect(existsSync(file)).toBe(false);
});

describe("cron", () => {
  test("gets one line among those that are there, and loses it again", async () => {
    const home = hostile(makeHome());
    const env = { PATH: `${fakeCrontab(home)}:${process.env["PATH"]}` };
    const table = join(home.folder, "table");
    const others = "# mine\n0 3 * * * /bin/true # 100\\% sure\n";
    writeFileSync(table, others);
    for (const _again of [1, 2])
      expect(await tsm(home, ["startup", "cron", "--yes"], { env })).toMatchObject({ code: 0, stderr: "" });
    const text = readFileSync(table, "utf8");
    expect(text.startsWith(others)).toBe(true);
    const [line, ...more] = text.slice(others.length).trimEnd().split("\n");
    expect(more).toEqual([]);
    // As cron does it: the line without its \ before %, to sh.
    await tsm(home, ["start", "--settle", "0", "--name", "saved", "--", "sleep", "600"]);
    await tsm(home, ["save"]);
    await tsm(home, ["delete", "saved"]);
    const command = (line ?? "").replace(/^@reboot /, "").replaceAll("\\%", "%");
    await run("/bin/sh", ["-c", command], { env: { HOME: home.folder }, cwd: "/" });
    expect(isAlive(pidOf(home, "saved"))).toBe(true);
    expect(await tsm(home, ["unstartup", "--yes"], { env: { ...env, HOME: home.folder } })).toMatchObject({ code: 0 });
    expect(readFileSync(table, "utf8")).toBe(others);
  });

  test("what would not be one line is refused", async () => {
    const home = makeHome();
    const env = { PATH: `${fakeCrontab(home)}:${process.env["PATH"]}`, TSM_HOME: join(home.folder, "a\n* * * * * b") };
    const refused = await tsm(home, ["startup", "cron", "--yes"], { env });
    expect(refused).toMatchObject({ code: 65, stderr: expect.stringContaining("has a line break in it") });
    expect(existsSync(join(home.folder, "table"))).toBe(false);
  });

  test("a crontab that cannot be read is not taken for an empty one", async () => {
    const home = makeHome();
    const folder = fakeCrontab(home);
    writeFileSync(
      join(folder, "crontab"),
      '#!/bin/sh\n[ "$1" = -l ] || : >"$(dirname "$0")/../table"\necho "disk error" >&2\nexit 1\n',
    );
    writeFileSync(join(home.folder, "table"), "mine\n");
    const refused = await tsm(home, ["startup", "cron", "--yes"], {
      env: { PATH: `${folder}:${process.env["PATH"]}` },
    });
    expect(refused).toMatchObject({ code: 1, stdout: "" });
    expect(refused.stderr).toContain("the crontab cannot be read: disk error");
    expect(readFileSync(join(home.folder, "table"), "utf8")).toBe("mine\n");
  });
});

/** A home whose path means something to everything that reads it. */
function hostile(home: Home): Home {
  return { ...home, path: join(dirname(home.path), "a %h $HOME & <b> 'q'") };
}

function imageOf(home: Home): string {
  return join(home.folder, "image");
}

function unitOf(root: string): string {
  return join(root, "etc/systemd/system", `tsm-${me()}.service`);
}

function me(): string {
  return process.getBuiltinModule("node:os").userInfo().username;
}

/** As systemd would: its environment and no other, from the root folder. */
async function runUnit(file: string) {
  const unit = readFileSync(file, "utf8");
  const [line = ""] = valuesOf(unit, "ExecStart");
  const [command = "", ...args] = wordsOf(line, "expanded");
  const pairs = valuesOf(unit, "Environment").flatMap((each) => wordsOf(each, "kept"));
  const env = Object.fromEntries(
    pairs.map((pair) => [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)]),
  );
  return await run(command, args, { env, cwd: "/" });
}

/** `crontab` with one file behind it. */
function fakeCrontab(home: Home): string {
  const table = `"$(dirname "$0")/../table"`;
  script(
    home,
    "bin/crontab",
    `#!/bin/sh\ncase $1 in\n-l) cat ${table} 2>/dev/null || { echo "no crontab for me" >&2; exit 1; } ;;\n*) cat "$1" >${table} ;;\nesac\n`,
    0o755,
  );
  return join(home.folder, "bin");
}
