import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { type Home, makeHome } from "../support/home.ts";
import { freePort, freePorts } from "../support/ports.ts";
import { pidOf, readMeta } from "../support/record.ts";
import { script, seenIn, server, showing } from "../support/scripts.ts";
import { tsm, tsmJson } from "../support/tsm.ts";
import { until } from "../support/until.ts";

const quick = ["--settle", "50"];
const bash = (line: string) => `${line}\nexec node show.cjs\n`;

test.for([
  {
    words: ["--port", "4101", "--env", "./p.env", "PORT=4103 node show.cjs 4104"],
    port: 4101,
    because: "the flag wins",
  },
  { words: ["--env", "./p.env", "PORT=4103 node show.cjs 4104"], port: 4102, because: "then the env file" },
  { words: ["PORT=4103 node show.cjs 4104"], port: 4103, because: "then PORT= in the command" },
  { words: ["assigns.sh"], port: 4105, because: "PORT= in the script" },
  { words: ["exports.sh"], port: 4106, because: "export PORT= in the script" },
  { words: ["defaults.sh"], port: 4107, because: "a default in the script" },
  { words: ["node", "const.cjs"], port: 4108, because: "a constant in a node script" },
  { words: ["node", "env.cjs"], port: 4109, because: "a fallback in a node script" },
  { words: ["node", "show.cjs", "4110"], port: 4110, because: "a bare number behind a script" },
  { words: ["--", "node", "show.cjs", "--port", "4111"], port: 4111, because: "--port N of its own" },
  { words: ["--", "node", "show.cjs", "--port=4112"], port: 4112, because: "--port=N of its own" },
  { words: ["--", "node", "show.cjs", "-p", "4113"], port: 4113, because: "-p N" },
  { words: ["node", "show.cjs", ":4114"], port: 4114, because: ":N" },
  { words: ["node", "show.cjs", "127.0.0.1:4115"], port: 4115, because: "HOST:N" },
  { words: ["node", "show.cjs"], port: "none", because: "nothing says any" },
  { words: ["--env", "./other.env", "node", "show.cjs"], port: "none", because: "the env file says nothing of it" },
])("the port is $port: $because", async ({ words, port }) => {
  const home = makeHome();
  script(home, "show.cjs", showing);
  script(home, "p.env", "PORT=4102\n");
  script(home, "other.env", "OTHER=4102\n");
  script(home, "assigns.sh", bash("# PORT=1\nPORT=4105"));
  script(home, "exports.sh", bash('export PORT="4106"'));
  script(home, "defaults.sh", bash("PORT=$" + "{PORT:-4107}"));
  script(home, "const.cjs", `const PORT = 4108;\n${showing}`);
  script(home, "env.cjs", `const port = process.env.PORT || 4109;\n${showing}`);
  const started = await tsm(home, ["start", ...quick, "--name", "it", ...words]);
  const name = port === "none" ? "it" : `it-${port}`;
  expect(started).toMatchObject({ code: 0, stderr: "", stdout: expect.stringContaining(`'${name}'`) });
  expect(readMeta(home, name)["port"]).toBe(port);
  expect((await seenIn(home.folder)).env["PORT"]).toBe(port === "none" ? undefined : String(port));
});

test.for([
  { words: ["--port", "70000"], code: 64, says: "'70000' is not a port" },
  { words: ["--port", "0"], code: 64, says: "'0' is not a port" },
  { words: ["--port", "-5"], code: 64, says: "'-5' is not a port" },
  { words: ["--port", "80a"], code: 64, says: "'80a' is not a port" },
  { words: ["--port", ""], code: 64, says: "'' is not a port" },
  { words: ["--port", "3000.5"], code: 64, says: "'3000.5' is not a port" },
  { words: ["--env", "./bad.env"], code: 65, says: "'70000', which is not a port" },
])("$words is refused with $code", async ({ words, code, says }) => {
  const home = makeHome();
  script(home, "bad.env", "PORT=70000\n");
  const refused = await tsm(home, ["start", ...words, "sleep", "600"]);
  expect(refused).toMatchObject({ code, stdout: "", stderr: expect.stringContaining(says) });
  expect(await tsmJson(home, ["list", "all"])).toEqual([]);
});

test("§6.3 a port that is held is refused before anything starts, with who holds it", async () => {
  const home = makeHome();
  const port = await listening();
  script(home, "touch.sh", "touch started\nexec sleep 600\n");
  const refused = await tsm(home, ["start", "--port", String(port), "touch.sh"]);
  expect(refused).toMatchObject({ code: 1, stdout: "" });
  const lines = refused.stderr.split("\n");
  expect(lines[0]).toBe(`🔴 Port ${port} is already in use!`);
  expect(lines[1]).toBe(`   Blocking process: PID ${process.pid}`);
  expect(lines[2]).toMatch(/^ {3}Command: \S*node/);
  expect(lines).toContain("Solutions:");
  expect(lines.filter((line) => line.startsWith("   • "))).toHaveLength(3);
  expect(await tsmJson(home, ["list", "all"])).toEqual([]);
  expect(await tsm(home, ["start", "--name", "look", "test", "-e", "started"])).toMatchObject({ code: 1 });
});

test("a port that one of ours holds is refused with its name", async () => {
  const home = makeHome();
  const port = await startServer(home, "first");
  const refused = await tsm(home, ["start", "--port", String(port), "--name", "second", "node", "server.cjs"]);
  expect(refused.code).toBe(1);
  expect(refused.stderr).toContain(`Blocking process: PID ${pidOf(home, `first-${port}`)} (first-${port})`);
  expect(refused.stderr).toContain(`tsm stop first-${port}`);
  expect(await tsmJson(home, ["list", "all"])).toHaveLength(1);
});

test("what would stop the one that holds a port can be pasted, whatever it is called", async () => {
  const home = makeHome();
  const port = await startServer(home, "my api");
  const refused = await tsm(home, ["start", "--port", String(port), "--name", "second", "node", "server.cjs"]);
  expect(refused.stderr).toContain(`Stop the process: tsm stop 'my api-${port}'\n`);
});

test("§6.29 clients of a port do not hold it", async () => {
  const home = makeHome();
  const [far, near] = await freePorts(2);
  const listener = createServer();
  const clients: Socket[] = [];
  onTestFinished(() => {
    for (const client of clients) client.destroy();
    listener.close();
  });
  await once(listener.listen(far), "listening");
  // A connection whose own end is the port in question.
  const client = connect({ port: far ?? 0, localPort: near, host: "127.0.0.1" });
  clients.push(client);
  listener.on("connection", (socket) => clients.push(socket));
  await once(client, "connect");
  script(home, "show.cjs", showing);
  expect(await tsm(home, ["start", ...quick, "--port", String(near), "node", "show.cjs"])).toMatchObject({ code: 0 });
  expect(await tsm(home, ["stop", `:${near}`])).toMatchObject({ code: 0 });
  expect(client.destroyed).toBe(false);
});

test("a program that loses its port after it has begun is refused with the holder, and crashed", async () => {
  const home = makeHome();
  const port = await freePort();
  script(
    home,
    "late.cjs",
    `const { existsSync } = require("node:fs");
     const waiting = setInterval(() => {
       if (!existsSync("go")) return;
       clearInterval(waiting);
       require("node:http").createServer().listen(Number(process.env.PORT));
     }, 10);`,
  );
  const starting = tsm(home, ["start", "--settle", "600000", "--port", String(port), "node", "late.cjs"]);
  await until("it has begun", () => readMeta(home, `work-late-${port}`)["status"] === "online");
  await listening(port);
  script(home, "go", "");
  const refused = await starting;
  expect(refused).toMatchObject({ code: 1, stdout: "" });
  expect(refused.stderr).toContain(`🔴 Port ${port} is already in use!\n   Blocking process: PID ${process.pid}\n`);
  expect(readMeta(home, `work-late-${port}`)).toMatchObject({ status: "crashed", last_exit: { code: 1 } });
});

test("a program that dies of a port which it did not declare is told who holds it", async () => {
  const home = makeHome();
  const port = await freePort();
  await listening(port);
  const [first, rest] = [String(port).slice(0, 2), String(port).slice(2)];
  script(home, "secret.cjs", `require("node:http").createServer().listen(Number("${first}" + "${rest}"));`);
  const refused = await tsm(home, ["start", "node", "secret.cjs"]);
  expect(refused).toMatchObject({ code: 1, stdout: "" });
  expect(refused.stderr).toContain(`🔴 Port ${port} is already in use!\n   Blocking process: PID ${process.pid}\n`);
  expect(readMeta(home, "work-secret")).toMatchObject({ status: "crashed", port: "none" });
});

test("§6.16 `ports` tells name and port, in order, and what listens", async () => {
  const home = makeHome();
  const first = await startServer(home, "server");
  const second = await freePort();
  await tsm(home, ["start", ...quick, "--port", String(second), "--name", "quiet", "sleep", "600"]);
  await tsm(home, ["start", ...quick, "--name", "portless", "sleep", "600"]);
  const shown = await tsm(home, ["ports"]);
  expect(shown.stdout).toBe(`Process: server, Port: ${first}\nProcess: quiet, Port: ${second}\n`);
  expect(await tsmJson(home, ["ports"])).toMatchObject([
    { name: `server-${first}`, listening: true },
    { name: `quiet-${second}`, listening: false },
  ]);
});

/** A port that this test listens on. */
async function listening(port = 0): Promise<number> {
  const listener = createServer();
  onTestFinished(() => void listener.close());
  await once(listener.listen(port), "listening");
  const address = listener.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}

async function startServer(home: Home, name: string): Promise<number> {
  script(home, "server.cjs", server);
  const port = await freePort();
  const started = await tsm(home, [
    "start",
    "--settle",
    "30000",
    "--port",
    String(port),
    "--name",
    name,
    "node",
    "server.cjs",
  ]);
  expect(started).toMatchObject({ code: 0, stderr: "" });
  return port;
}
