import { join } from "node:path";
import { expect, test } from "vitest";
import { type Home, makeHome } from "../support/home.ts";
import { stranger } from "../support/listener.ts";
import { freePort, freePorts } from "../support/ports.ts";
import { script } from "../support/scripts.ts";
import { tsm, tsmJson } from "../support/tsm.ts";

/** Listens on all that it is given: ports, HOST ports as host:port, paths; says so by a log line. */
const listening = `
const places = process.argv.slice(2).map((word) => {
  if (word.startsWith("/")) return { path: word };
  const at = word.lastIndexOf("@");
  return at < 0 ? { port: Number(word) } : { host: word.slice(0, at), port: Number(word.slice(at + 1)) };
});
let left = places.length;
for (const place of places)
  require("node:net").createServer().listen(place, () => --left === 0 && console.log("all up"));
`;

async function start(home: Home, name: string, port: number | undefined, places: readonly string[]): Promise<void> {
  script(home, "listening.cjs", listening);
  const declared = port === undefined ? [] : ["--port", String(port)];
  const words = ["start", "--name", name, ...declared, "--ready", "log:/all up/", "--", "node", "listening.cjs"];
  expect(await tsm(home, [...words, ...places])).toMatchObject({ code: 0 });
}

test.for(["127.0.0.1", "0.0.0.0", "::1", "::"])("a port that is listened on by %s is correct", async (host) => {
  const home = makeHome();
  const port = await freePort();
  await start(home, "web", port, [`${host}@${port}`]);
  const { code, stdout } = await tsm(home, ["reconcile"]);
  expect(stdout).toContain(`✅ web-${port}: port ${port}\n`);
  expect(stdout).toContain("Correct: 1\nMismatches: 0\n");
  expect(code).toBe(0);
});

test("unix sockets are seen: alone they are correct, and no answer to a declared port", async () => {
  const home = makeHome();
  const port = await freePort();
  const [first, second] = [join(home.folder, "a.sock"), join(home.folder, "b.sock")];
  await start(home, "sock", undefined, [first]);
  expect(await tsm(home, ["reconcile"])).toMatchObject({
    code: 0,
    stdout: expect.stringContaining(`✅ sock: no port declared, listens on unix:${first}\n`),
  });
  await start(home, "web", port, [second]);
  expect(await tsm(home, ["reconcile"])).toMatchObject({
    code: 1,
    stdout: expect.stringContaining(`❌ web-${port}: declared=${port}, actual=unix:${second}\n`),
  });
});

test.for([["reconcile"], ["doctor", "reconcile"]])("a mismatch exits with 1: tsm %s", async (words) => {
  const home = makeHome();
  const [declared = 0, actual = 0, silent = 0] = await freePorts(3);
  await start(home, "web", declared, [String(actual)]);
  await tsm(home, ["start", "--settle", "0", "--port", String(silent), "--name", "mute", "--", "sleep", "600"]);
  const { code, stdout } = await tsm(home, words);
  expect(code).toBe(1);
  expect(stdout).toContain(`❌ web-${declared}: declared=${declared}, actual=${actual}\n`);
  expect(stdout).toContain(`❌ mute-${silent}: declared=${silent}, actual=none\n`);
  expect(stdout).toMatch(/Correct: 0\nMismatches: 2\nOrphan ports: \d+\n$/);
});

test("what is worth a look does not count as a mismatch", async () => {
  const home = makeHome();
  const [undeclared = 0, stopped = 0, promised = 0] = await freePorts(3);
  // With a bare number it would be declared.
  await start(home, "free", undefined, [`0.0.0.0@${undeclared}`]);
  await tsm(home, ["start", "--settle", "0", "--port", String(stopped), "--name", "gone", "--", "sleep", "600"]);
  await tsm(home, ["stop", "gone"]);
  await tsm(home, ["ports", "set", "page", String(promised)]);
  const [one, two] = [await stranger({ port: stopped }), await stranger({ port: promised })];
  const { code, stdout } = await tsm(home, ["reconcile"]);
  expect(stdout).toContain(`⚠️  free: no port declared, listens on ${undeclared}\n`);
  expect(stdout).toContain(`⚠️  gone-${stopped}: stopped, and port ${stopped} is held by PID ${one.pid} (`);
  expect(stdout).toContain(`⚠️  page: port ${promised} of the registry is held by PID ${two.pid} (`);
  expect(stdout).toContain(`🔓 Port ${promised}: PID ${two.pid} `);
  expect(stdout).toContain("Warnings: 3\nMismatches: 0\n");
  expect(code).toBe(0);
});

test("a port that a child holds is its process's, and one that a stranger holds is a mismatch", async () => {
  const home = makeHome();
  const [parent = 0, held = 0] = await freePorts(2);
  script(home, "listening.cjs", listening);
  script(home, "parent.sh", `node listening.cjs ${parent} &\nwait\n`);
  const ready = ["--ready", "log:/all up/"];
  await tsm(home, ["start", "--port", String(parent), "--name", "nest", ...ready, "--", "bash", "parent.sh"]);
  await tsm(home, ["start", "--settle", "0", "--port", String(held), "--name", "late", "--", "sleep", "600"]);
  const { pid } = await stranger({ port: held });
  expect(await tsmJson(home, ["ports"])).toMatchObject([
    { service: "nest", listening: true },
    { service: "late", listening: false, heldBy: { pid, owner: "stranger" } },
  ]);
  const { code, stdout } = await tsm(home, ["reconcile"]);
  expect(code).toBe(1);
  expect(stdout).toContain(`✅ nest-${parent}: port ${parent}\n`);
  expect(stdout).toContain(`❌ late-${held}: declared=${held}, actual=none; port ${held} is held by PID ${pid} (`);
});
