import { once } from "node:events";
import { connect } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { type Home, makeHome } from "../support/home.ts";
import { stranger } from "../support/listener.ts";
import { freePort, freePorts } from "../support/ports.ts";
import { isAlive, pidOf, readMeta } from "../support/record.ts";
import { script, server } from "../support/scripts.ts";
import { tsm, tsmJson } from "../support/tsm.ts";

async function startServer(home: Home, name: string): Promise<number> {
  script(home, "server.cjs", server);
  const port = await freePort();
  const words = ["start", "--settle", "30000", "--port", String(port), "--name", name, "node", "server.cjs"];
  expect(await tsm(home, words)).toMatchObject({ code: 0, stderr: "" });
  return port;
}

test.for(["127.0.0.1", "::1"])("who tells pid, age, folder and command of a listener on %s", async (host) => {
  const home = makeHome();
  const port = await freePort();
  const { pid } = await stranger({ port, host });
  const told = await tsm(home, ["ports", "who", String(port)]);
  expect(told).toMatchObject({ code: 0, stderr: "" });
  expect(told.stdout).toContain(`port     ${port} (${host})\npid      ${pid}\nmanaged  no\nage      `);
  expect(told.stdout).toContain(`cwd      ${process.cwd()}\ncommand  `);
  expect(await tsm(home, ["doctor", "port", String(port)])).toMatchObject({
    code: 1,
    stdout: expect.stringContaining(`🔴 Port ${port} is in use\n`),
  });
});

test("who knows our own processes by name, and unix sockets by path", async () => {
  const home = makeHome();
  const port = await startServer(home, "web");
  expect((await tsm(home, ["ports", "who", `:${port}`])).stdout).toContain(`managed  yes: web-${port}\n`);
  const path = join(home.folder, "a.sock");
  const { pid } = await stranger(path);
  expect((await tsm(home, ["ports", "who", path])).stdout).toContain(`socket   ${path}\npid      ${pid}\n`);
});

test("a port that nobody has: who exits with 1, doctor port with 0, and a claim is over before it begins", async () => {
  const home = makeHome();
  const port = String(await freePort());
  expect(await tsm(home, ["ports", "who", port])).toMatchObject({
    code: 1,
    stdout: `tsm: nobody listens on port ${port}\n`,
  });
  expect(await tsm(home, ["doctor", "port", port])).toMatchObject({ code: 0, stdout: `✅ Port ${port} is free\n` });
  expect(await tsm(home, ["ports", "claim", port])).toMatchObject({
    code: 0,
    stdout: `tsm: port ${port} is free already\n`,
  });
});

test("a secret in a listener's command is masked", async () => {
  const home = makeHome();
  const port = await freePort();
  script(home, "server.cjs", server);
  const start = ["start", "--settle", "30000", "--port", String(port), "--name", "web", "--", "node", "server.cjs"];
  await tsm(home, [...start, "--token", "hush"]);
  const bare = await tsm(home, ["ports", String(port)]);
  expect(bare).toMatchObject({ code: 64, stderr: expect.stringContaining(`tsm ports who ${port} says who listens`) });
  for (const words of [["ports", "who", String(port)], ["ports", "scan"], ["doctor", "report"], ["reconcile"]]) {
    const told = await tsm(home, words);
    expect(told.stdout, words.join(" ")).not.toContain("hush");
    expect(JSON.stringify(await tsm(home, [...words, "--json"])), words.join(" ")).not.toContain("hush");
  }
});

test("scan shows who listens in a range, ours by name, a line each in a pipe", async () => {
  const home = makeHome();
  const port = await startServer(home, "web");
  const other = await freePort();
  const { pid } = await stranger({ port: other });
  const all = (await tsm(home, ["ports", "scan"])).stdout.split("\n");
  const own = pidOf(home, `web-${port}`);
  expect(all).toContainEqual(expect.stringMatching(`^${port}\t::\ttsm\tweb-${port}\t${own}\t`));
  expect(all).toContainEqual(expect.stringMatching(`^${other}\t\\S+\text\t-\t${pid}\t`));
  expect(await tsmJson(home, ["ports", "scan", `${port}-${port}`])).toMatchObject([
    { port, pid: own, owner: "managed", process: `web-${port}` },
  ]);
});

test("claim stops a process of ours, which undo takes back, and asks first", async () => {
  const home = makeHome();
  const port = await startServer(home, "web");
  const unasked = await tsm(home, ["ports", "claim", String(port)]);
  expect(unasked).toMatchObject({ code: 64, stderr: expect.stringContaining("nobody can be asked here") });
  expect(readMeta(home, `web-${port}`)["status"]).toBe("online");
  expect(await tsm(home, ["ports", "claim", String(port), "--yes"])).toMatchObject({
    code: 0,
    stdout: `tsm: stopped 'web-${port}'\ntsm: port ${port} is free\n`,
  });
  expect(readMeta(home, `web-${port}`)["status"]).toBe("stopped");
  expect(await tsm(home, ["undo"])).toMatchObject({ code: 0 });
  expect(readMeta(home, `web-${port}`)["status"]).toBe("online");
});

test.for([
  ["ports", "claim"],
  ["doctor", "kill"],
])("%s refuses a stranger without --force", async (words) => {
  const home = makeHome();
  const port = await freePort();
  const { pid = 0 } = await stranger({ port });
  const refused = await tsm(home, [...words, String(port), "--yes"]);
  expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining(`held by a stranger: PID ${pid}`) });
  expect(isAlive(pid)).toBe(true);
  expect(await tsm(home, [...words, String(port), "--force"])).toMatchObject({
    code: 0,
    stdout: `tsm: ended PID ${pid}\ntsm: port ${port} is free\n`,
  });
  expect(isAlive(pid)).toBe(false);
});

test("§6.29 claim ends who listens, and never a client", async () => {
  const home = makeHome();
  const [port = 0] = await freePorts(1);
  const { pid = 0 } = await stranger({ port, host: "127.0.0.1" });
  const client = connect(port, "127.0.0.1");
  client.on("error", () => undefined);
  onTestFinished(() => void client.destroy());
  await once(client, "connect");
  // This very program is the client: it lives to tell.
  await tsm(home, ["ports", "claim", String(port), "--force"]);
  expect(isAlive(pid)).toBe(false);
});

test("a process of another home is a stranger, and said to be that home's", async () => {
  const [home, other] = [makeHome(), makeHome()];
  const port = await startServer(other, "web");
  expect(await tsm(home, ["ports", "claim", String(port), "--yes"])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining(`'web-${port}' of the home ${other.path}`),
  });
});
