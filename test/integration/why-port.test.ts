import { appendFileSync } from "node:fs";
import { expect, test } from "vitest";
import { type Home, makeHome } from "../support/home.ts";
import { stranger } from "../support/listener.ts";
import { freePort, freePorts } from "../support/ports.ts";
import { script, server } from "../support/scripts.ts";
import { tsm, tsmJson } from "../support/tsm.ts";

async function startServer(home: Home, name: string): Promise<number> {
  script(home, "server.cjs", server);
  const port = await freePort();
  const words = ["start", "--settle", "30000", "--port", String(port), "--name", name, "node", "server.cjs"];
  expect(await tsm(home, words)).toMatchObject({ code: 0, stderr: "" });
  return port;
}

test.for(["127.0.0.1", "::1", "::ffff:127.0.0.1"])(
  "why PORT names a stranger on %s, and what ends it",
  async (host) => {
    const home = makeHome();
    const port = await freePort();
    const { pid } = await stranger({ port, host });
    const told = await tsm(home, ["why", String(port)]);
    expect(told).toMatchObject({ code: 0, stderr: "" });
    expect(told.stdout).toContain(`Port ${port} is held by a process that is not managed by tsm.\n`);
    expect(told.stdout).toMatch(
      / {2}listens {2}\S+ port \d+, its process since \d{4}-\d\d-\d\d \d\d:\d\d:\d\d \(\d+s\)\n/,
    );
    expect(told.stdout).toContain(`PID ${pid} in ${process.cwd()}: `);
    expect(told.stdout).toContain(`fix      tsm ports claim ${port} --force\n`);
    expect(await tsmJson(home, ["why", `:${port}`])).toMatchObject({ port, cause: "stranger", holders: [{ pid }] });
  },
);

test("why PORT knows our own, who else wants it, and who has declared a port on which nobody listens", async () => {
  const home = makeHome();
  const port = await startServer(home, "web");
  appendFileSync(`${home.path}/runtime/ports`, `other:${port}\n`);
  const held = await tsm(home, ["why", `:${port}`]);
  expect(held.stdout).toContain(`Port ${port} is held by web-${port}, which has declared it.\n`);
  expect(held.stdout).toContain("wanted   by 'other', to whom the registry promises it\n");
  expect(held.stdout).toContain(`fix      tsm ports claim ${port}\n`);
  await tsm(home, ["stop", `web-${port}`]);
  expect(await tsmJson(home, ["why", `:${port}`])).toMatchObject({
    cause: "free",
    wantedBy: [{ by: "process", name: `web-${port}`, runs: false }, { by: "registry" }],
    fix: [`tsm start web-${port}`],
  });
});

test("a number is an id where there is one, and a port else", async () => {
  const home = makeHome();
  await tsm(home, ["start", "--settle", "0", "--name", "api", "--", "sleep", "600"]);
  expect(await tsmJson(home, ["why", "0"])).toMatchObject({ name: "api" });
  const port = await freePort();
  expect((await tsm(home, ["why", String(port)])).stdout).toBe(
    `Nobody listens on port ${port}, and nobody has declared it.\n`,
  );
  const wrong = await tsm(home, ["why", ":99999"]);
  expect(wrong).toMatchObject({ code: 64, stdout: "" });
  expect(wrong.stderr).toContain("':99999' is not a port");
});

test("conflicts --fix moves what was only promised, leaves the rest, and asks", async () => {
  const home = makeHome();
  const web = await startServer(home, "web");
  const [twice = 0, held = 0] = await freePorts(2);
  await stranger({ port: held, host: "127.0.0.1" });
  appendFileSync(`${home.path}/runtime/ports`, `old:${web}\none:${twice}\ntwo:${twice}\nthree:${held}\n`);
  const refused = await tsm(home, ["ports", "conflicts", "--fix"]);
  expect(refused).toMatchObject({ code: 64, stdout: "" });
  expect(refused.stderr).toContain("ports conflicts --fix asks first");
  const fixed = await tsm(home, ["ports", "conflicts", "--fix", "--yes"]);
  expect(fixed).toMatchObject({ code: 1, stderr: "" });
  expect(fixed.stdout).toMatch(new RegExp(`✅ promise port \\d+ to old, and not ${web}\n`));
  expect(fixed.stdout).toMatch(new RegExp(`✅ promise port \\d+ to two, and not ${twice}\n`));
  expect(fixed.stdout).toContain(`❌ Port ${held}: registry three; held by PID `);
  expect(await tsmJson(home, ["ports", "json"])).toContainEqual({ name: "one", port: twice });
  expect(await tsmJson(home, ["ports", "export"])).toContainEqual({ name: "web", port: web });
  expect(await tsm(home, ["ports", "remove", "three"])).toMatchObject({ code: 0 });
  expect(await tsm(home, ["ports", "validate", "--fix", "--yes"])).toMatchObject({
    code: 0,
    stdout: "✅ No conflicts\n",
  });
  expect(await tsm(home, ["ports", "scan", "--fix"])).toMatchObject({ code: 64 });
});

test("the other words of the original: ranges, overview, detailed, env, json", async () => {
  const home = makeHome();
  const port = await startServer(home, "web");
  await tsm(home, ["ports", "set", "api", "5123"]);
  expect(await tsmJson(home, ["ports", "ranges"])).toMatchObject([
    { name: "dev", from: 5000, to: 5999, declared: port >= 5000 && port <= 5999 ? 2 : 1 },
    { name: "staging", from: 6000, to: 6999 },
    { name: "proxy", from: 7000, to: 7999 },
    { name: "prod", from: 8000, to: 8999 },
    { name: "other" },
  ]);
  expect((await tsm(home, ["ports", "overview"])).stdout).toMatch(
    /^2 ports declared, 1 listened on, \d held by others/,
  );
  expect((await tsm(home, ["ports", "detailed"])).stdout).toContain(`web: ${port}\nport     ${port} (`);
  expect((await tsm(home, ["ports", "env"])).stdout).toBe(`WEB_PORT=${port}\nAPI_PORT=5123\n`);
  expect(JSON.parse((await tsm(home, ["ports", "json"])).stdout)).toEqual({ web: port, api: 5123 });
});
