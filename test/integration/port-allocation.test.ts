import { expect, test } from "vitest";
import { makeHome } from "../support/home.ts";
import { stranger } from "../support/listener.ts";
import { freePort } from "../support/ports.ts";
import { readMeta } from "../support/record.ts";
import { script, server } from "../support/scripts.ts";
import { tsm, tsmJson } from "../support/tsm.ts";

test("§6.5 starts at the same time never get one port, also while none of them listens yet", async () => {
  const home = makeHome();
  const names = ["a", "b", "c", "d", "e", "f"];
  const started = await Promise.all(
    names.map((name) => tsm(home, ["start", "--settle", "0", "--port", "auto", "--name", name, "--", "sleep", "600"])),
  );
  expect(started.map(({ code }) => code)).toEqual(names.map(() => 0));
  // A row of this very test's making.
  const rows = (await tsmJson(home, ["list", "all"])) as { name: string; port: number }[];
  expect(new Set(rows.map(({ port }) => port)).size).toBe(names.length);
  for (const { name, port } of rows) {
    expect(name).toMatch(new RegExp(`^[a-f]-${port}$`));
    expect(port).toBeGreaterThanOrEqual(8000);
    expect(port).toBeLessThanOrEqual(8999);
  }
});

test("--port N+ is the first from there on that nobody has, and the process gets it as PORT", async () => {
  const home = makeHome();
  script(home, "server.cjs", server);
  const held = await freePort();
  await stranger({ port: held });
  const words = ["--settle", "30000", "--port", `${held}+`, "--name", "web", "node", "server.cjs"];
  expect(await tsm(home, ["start", ...words])).toMatchObject({ code: 0, stderr: "" });
  const [row] = (await tsmJson(home, ["ports"])) as { port: number; listening: boolean }[];
  expect(row?.port).toBeGreaterThan(held);
  expect(row?.listening).toBe(true);
});

test("what rests keeps its port: it gets it again, and nobody else does", async () => {
  const home = makeHome();
  const start = (name: string) =>
    tsm(home, ["start", "--settle", "0", "--port", "auto", "--name", name, "--", "sleep", "600"]);
  await start("a");
  const [{ port } = { port: 0 }] = (await tsmJson(home, ["ports"])) as { port: number }[];
  await tsm(home, ["stop", "a"]);
  await start("b");
  const again = await start("a");
  expect(again.stdout).toContain(`'a-${port}' (TSM ID: 0`);
  expect(await tsmJson(home, ["list", "all"])).toHaveLength(2);
});

test("auto takes the port that the registry has for the name", async () => {
  const home = makeHome();
  const port = (await tsm(home, ["ports", "free", "8500-8999", "--count", "1"])).stdout.trim();
  await tsm(home, ["ports", "set", "web", port]);
  const start = ["start", "--settle", "0", "--port", "auto", "--name"];
  expect((await tsm(home, [...start, "other", "--", "sleep", "600"])).stdout).not.toContain(`-${port}`);
  expect((await tsm(home, [...start, "web", "--", "sleep", "600"])).stdout).toContain(`'web-${port}'`);
});

test.for([
  { port: "8000-", code: 64 },
  { port: "0+", code: 64 },
  { port: "9000-8000", code: 64 },
  { port: "any", code: 64 },
])("--port $port is refused", async ({ port, code }) => {
  const home = makeHome();
  expect(await tsm(home, ["start", "--port", port, "sleep", "600"])).toMatchObject({ code, stdout: "" });
});

test("a range without a free port is refused, and nothing is started", async () => {
  const home = makeHome();
  const held = await freePort();
  await stranger({ port: held });
  const refused = await tsm(home, ["start", "--port", `${held}-${held}`, "sleep", "600"]);
  expect(refused).toMatchObject({
    code: 1,
    stderr: expect.stringContaining(`no port from ${held} to ${held} is free`),
  });
  expect(await tsmJson(home, ["list", "all"])).toEqual([]);
});

test("who listens on another port than it declares is told so, and the record holds both", async () => {
  const home = makeHome();
  const [declared, actual] = [await freePort(), await freePort()];
  script(home, "server.cjs", `require("node:http").createServer().listen(Number(process.argv[2]));`);
  // It says when it is ready, so that nothing rests on how fast it is.
  const ready = [
    "--ready",
    `cmd:node -e 'require("net").connect(${actual}).on("error",()=>process.exit(1)).on("connect",()=>process.exit(0))'`,
  ];
  const words = ["--port", String(declared), "--name", "web", ...ready, "--", "node", "server.cjs", String(actual)];
  const warning = `⚠️  Warning: 'web-${declared}': Port mismatch (declared=${declared}, actual=${actual})`;
  expect(await tsm(home, ["start", ...words])).toMatchObject({ code: 0, stderr: `tsm: ${warning}\n` });
  expect(readMeta(home, `web-${declared}`)).toMatchObject({ port: declared, actual_port: actual, status: "online" });
  expect(await tsmJson(home, ["info", "web"])).toMatchObject({ port: declared, actualPort: actual });
  expect(await tsm(home, ["restart", "web"])).toMatchObject({ code: 0, stderr: expect.stringContaining(warning) });
  expect(readMeta(home, `web-${declared}`)).toMatchObject({ port: declared, actual_port: actual });
});

test("who listens where it declares is on record with that alone", async () => {
  const home = makeHome();
  script(home, "server.cjs", server);
  const port = await freePort();
  await tsm(home, ["start", "--settle", "30000", "--port", String(port), "--name", "web", "node", "server.cjs"]);
  expect(readMeta(home, `web-${port}`)).toMatchObject({ port, actual_port: null });
});
