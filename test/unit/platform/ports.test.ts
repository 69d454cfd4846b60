import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { connect, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { parseLsofUnix } from "../../../src/platform/darwin/ports.ts";
import { detectPlatform } from "../../../src/platform/detect.ts";
import { decodeAddress, parseSocketTable, parseUnixTable } from "../../../src/platform/linux/ports.ts";
import { freePort, freePorts } from "../../support/ports.ts";
import { until } from "../../support/until.ts";

const { ports } = detectPlatform();

test("a port is listening while its server is open", async () => {
  const port = await freePort();
  expect(ports.isListening(port)).toBe(false);
  expect(ports.listenersOn(port)).toEqual([]);
  const server = await listen(port, "127.0.0.1");
  expect(ports.isListening(port)).toBe(true);
  expect(ports.listenersOn(port)).toEqual([{ port, address: "127.0.0.1", pid: process.pid }]);
  server.close();
  await once(server, "close");
  expect(ports.isListening(port)).toBe(false);
});

test.for(["0.0.0.0", "127.0.0.1", "::", "::1"])("a server on %s is found by that address", async (address) => {
  const port = await freePort();
  await listen(port, address);
  expect(ports.listenersOn(port)).toEqual([{ port, address, pid: process.pid }]);
  expect(ports.isListenedBy([process.pid], port)).toBe(true);
});

test("a client of a port is not its listener", async () => {
  const port = await freePort();
  await listen(port, "127.0.0.1");
  const client = connect(port, "127.0.0.1");
  onTestFinished(() => {
    client.destroy();
  });
  await once(client, "connect");
  expect(ports.isListening(client.localPort ?? 0)).toBe(false);
  expect(ports.listenersOn(port)).toHaveLength(1);
});

test("every one of many listeners is told, in order of port", async () => {
  // More than fit in one page of the kernel's table.
  const wanted = (await freePorts(80)).sort((a, b) => a - b);
  await Promise.all(wanted.map((port) => listen(port, "127.0.0.1")));
  const ours = ports.listeners().filter((listener) => listener.pid === process.pid);
  expect(ours.map((listener) => listener.port).filter((port) => wanted.includes(port))).toEqual(wanted);
  expect(wanted.every((port) => ports.isListening(port))).toBe(true);
});

test("the ports of a child are its own", async () => {
  const [port, other] = await freePorts(2);
  if (port === undefined || other === undefined) throw new Error("no free ports");
  await listen(other, "127.0.0.1");
  const child = server(port);
  await until("it listens", () => ports.isListening(port));
  expect(ports.portsOf([child.pid ?? 0])).toEqual([port]);
  expect(ports.isListenedBy([child.pid ?? 0], port)).toBe(true);
  expect(ports.isListenedBy([child.pid ?? 0], other)).toBe(false);
  expect(ports.isListenedBy([process.pid], port)).toBe(false);
  expect(ports.listenersOn(port).map(({ pid }) => pid)).toEqual([child.pid]);
  expect(ports.portsOf([])).toEqual([]);
  expect(ports.portsOf([2 ** 22 + 1])).toEqual([]);
});

test("a socket that two processes share is told for both", async () => {
  const port = await freePort();
  const parent = server(
    port,
    "s.on('listening', () => child_process.spawn('sleep', ['600'], { stdio: ['ignore', 'ignore', 'ignore', s._handle.fd] }))",
  );
  const holders = await until("both hold it", () => {
    const pids = ports.listenersOn(port).map(({ pid }) => pid);
    return pids.length === 2 && pids;
  });
  expect(holders).toContain(parent.pid);
  for (const pid of holders) expect(ports.portsOf([pid ?? 0])).toEqual([port]);
});

test("only lines in state LISTEN are read from the kernel's table", () => {
  const table = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:0BB8 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 4711 1 0000000000000000 100 0 0 10 0
   1: 0100007F:0BB9 0100007F:D431 01 00000000:00000000 02:0000070A 00000000     0        0 4712 2 0000000000000000 20 4 30 10 -1
`;
  expect(parseSocketTable(table)).toEqual([{ port: 3000, address: "127.0.0.1", inode: "4711" }]);
});

test.for([
  { hex: "00000000", text: "0.0.0.0" },
  { hex: "0100007F", text: "127.0.0.1" },
  { hex: "00000000000000000000000000000000", text: "::" },
  { hex: "00000000000000000000000001000000", text: "::1" },
  { hex: "0000000000000000FFFF00000100007F", text: "::ffff:127.0.0.1" },
  { hex: "000080FE00000000FF005450B2B4FEFE", text: "fe80::5054:ff:fefe:b4b2" },
  { hex: "B80D01200000000000000100EFBE0000", text: "2001:db8::1:0:0:beef" },
])("address $hex is $text", ({ hex, text }) => {
  expect(decodeAddress(hex)).toBe(text);
});

async function listen(port: number, host: string): Promise<Server> {
  const server = createServer();
  onTestFinished(() => {
    server.close();
  });
  server.listen({ port, host, ipv6Only: host.includes(":") });
  await once(server, "listening");
  return server;
}

/** A child that listens, in a group of its own that ends with the test. */
function server(port: number, more = ""): ChildProcess {
  const script = `const s = net.createServer(); ${more}; s.listen(${port}, '127.0.0.1')`;
  const child = spawn(process.execPath, ["-e", script], { detached: true, stdio: "ignore" });
  onTestFinished(async () => {
    const ended = child.exitCode === null && child.signalCode === null ? once(child, "exit") : undefined;
    if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
    await ended;
  });
  return child;
}

test("a unix socket is found by its path while somebody listens, and its connections are not", async () => {
  const folder = mkdtempSync(join(tmpdir(), "tsm-unix-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "a b.sock");
  const server = createServer();
  onTestFinished(() => void server.close());
  await once(server.listen(path), "listening");
  const client = connect(path);
  onTestFinished(() => void client.destroy());
  await once(client, "connect");
  const found = ports.unixListeners().filter((listener) => listener.path === path);
  expect(found).toEqual([{ path, pid: process.pid }]);
});

test("of /proc/net/unix only what listens and has a path counts", () => {
  const table = [
    "Num       RefCount Protocol Flags    Type St Inode Path",
    "0000000000000000: 00000002 00000000 00010000 0001 01 21093 /run/user/a b.sock",
    "0000000000000000: 00000003 00000000 00000000 0001 03 21094 /run/user/a b.sock",
    "0000000000000000: 00000002 00000000 00010000 0001 01  2109 @/tmp/abstract",
    "0000000000000000: 00000002 00000000 00010000 0005 01  2110",
    "",
  ].join("\n");
  expect(parseUnixTable(table)).toEqual([{ path: "/run/user/a b.sock", inode: "21093" }]);
});

test("of what lsof says a path and its pid count, each once", () => {
  const output = ["p12", "f3", "n/tmp/a.sock", "f4", "n/tmp/a.sock", "f5", "n->0x1", "p13", "f1", "n/tmp/b.sock", ""];
  expect(parseLsofUnix(output.join("\n"))).toEqual([
    { path: "/tmp/a.sock", pid: 12 },
    { path: "/tmp/b.sock", pid: 13 },
  ]);
});
