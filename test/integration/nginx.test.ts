import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type Home, makeHome } from "../support/home.ts";
import { freePorts } from "../support/ports.ts";
import { script } from "../support/scripts.ts";
import { tsm, tsmJson } from "../support/tsm.ts";

/* The configuration is tried by the real nginx. `.ci/run` installs it; elsewhere these say that it is missing. */

const hasNginx =
  spawnSync("nginx", ["-v"], { env: { PATH: `${process.env["PATH"]}:/usr/sbin:/usr/local/sbin` } }).error === undefined;
const why = hasNginx ? "" : " (not tried: nginx is not installed)";

async function running(home: Home, names: readonly string[]): Promise<number[]> {
  const ports = await freePorts(names.length);
  for (const [index, name] of names.entries()) {
    const port = String(ports[index]);
    const started = await tsm(home, ["start", "--settle", "0", "--name", name, "--port", port, "sleep", "600"]);
    expect(started).toMatchObject({ code: 0 });
  }
  return ports;
}

/** An nginx folder of the test's own, as Debian has it. */
function nginxFolder(home: Home, port: number): string {
  const root = join(home.folder, "nginx");
  for (const name of ["sites-available", "sites-enabled"]) mkdirSync(join(root, name), { recursive: true });
  const own = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((what) => `${what}_temp_path ${root}/${what};`);
  writeFileSync(
    join(root, "nginx.conf"),
    `pid ${root}/nginx.pid;\nerror_log ${root}/error.log;\nevents {}\nhttp {\naccess_log off;\n${own.join("\n")}\nserver { listen 127.0.0.1:${port}; }\ninclude ${root}/sites-enabled/*;\n}\n`,
  );
  return root;
}

test("a service is an upstream of all its instances, under its domain", async () => {
  const home = makeHome();
  const ports = await running(home, ["api", "api", "web"]);
  const { stdout, code } = await tsm(home, ["nginx", "generate", "api", "--domain", "api.example.com"]);
  expect(code).toBe(0);
  expect(stdout).toContain(
    `upstream tsm_api {\n    server 127.0.0.1:${ports[0]};\n    server 127.0.0.1:${ports[1]};\n`,
  );
  expect(stdout).toContain("server_name api.example.com;");
  expect(stdout).not.toContain(String(ports[2]));
  expect(stdout).not.toContain("ssl");
  const all = await tsm(home, ["nginx", "generate", "--all", "--domain", "example.com", "--tls"]);
  expect(all.stdout.match(/server_name \S+;/g)).toEqual([
    "server_name api.example.com;",
    "server_name api.example.com;",
    "server_name web.example.com;",
    "server_name web.example.com;",
  ]);
  expect(all.stdout).toContain("return 301 https://$host$request_uri;");
});

test("requests go to where a process listens that is not where it should be, and that is said", async () => {
  const home = makeHome();
  const [declared = 0, actual = 0] = await freePorts(2);
  script(home, "s.cjs", `require("node:http").createServer().listen(${actual}, "127.0.0.1");\n`);
  // Not --settle: that waits for the declared port, on which nobody will listen.
  const ready = ["--ready", `port:${actual}`];
  const started = ["start", ...ready, "--name", "api", "--port", String(declared), "node", "s.cjs"];
  expect(await tsm(home, started)).toMatchObject({ code: 0 });
  const note = `tsm: 'api-${declared}' listens on ${actual} and not on its port ${declared}: requests go to ${actual}\n`;
  for (const verb of ["nginx", "caddy"]) {
    const told = await tsm(home, [verb, "generate", "api"]);
    expect(told, verb).toMatchObject({ code: 0, stderr: note });
    expect(told.stdout).toContain(`127.0.0.1:${actual}`);
    expect(told.stdout).not.toContain(String(declared));
  }
});

test("what start -i has made several of is one upstream too, by the name of the app", async () => {
  const home = makeHome();
  // Two in a row, below those that systems give to whoever asks for any.
  const port = 21_000 + (process.pid % 4000) * 2;
  const words = ["start", "--settle", "0", "-i", "2", "--name", "api", "--port", String(port), "--", "sleep", "600"];
  expect(await tsm(home, words)).toMatchObject({ code: 0, stderr: "" });
  for (const words of [["api"], ["api-0", "api-1"], ["--all"]]) {
    const { stdout } = await tsm(home, ["nginx", "generate", ...words, "--domain", "example.com"]);
    expect(stdout, words.join(" ")).toContain(
      `upstream tsm_api {\n    server 127.0.0.1:${port};\n    server 127.0.0.1:${port + 1};\n`,
    );
    expect(stdout.match(/^upstream/gm)).toHaveLength(1);
  }
});

test("a Caddyfile leads each domain to the instances of its service", async () => {
  const home = makeHome();
  const ports = await running(home, ["api", "api"]);
  const { stdout } = await tsm(home, ["caddy", "generate", "--all", "--domain", "example.com"]);
  expect(stdout).toContain(
    `api.example.com {\n\treverse_proxy 127.0.0.1:${ports[0]} 127.0.0.1:${ports[1]} {\n\t\tlb_policy round_robin\n\t}\n}\n`,
  );
  const plain = await tsm(home, ["caddy", "generate", "api", "--domain", "example.com", "--http"]);
  expect(plain.stdout).toContain("\nhttp://example.com {\n");
});

test.for([
  "a;b",
  "a b",
  "a{}",
  "http://a",
  "a.com:80",
  "-a.com",
  "a..b",
  "",
  "$host",
  "1.2.3.4",
  "a\nb",
  `${"a".repeat(64)}.com`,
])("%j is no domain", async (domain) => {
  const home = makeHome();
  const outcome = await tsm(home, ["nginx", "generate", "--all", `--domain=${domain}`]);
  expect(outcome).toMatchObject({ code: 64, stdout: "" });
  expect(outcome.stderr).toContain("is not a domain");
});

test("letters that DNS lacks are written as it has them", async () => {
  const home = makeHome();
  await running(home, ["api"]);
  const { stdout } = await tsm(home, ["nginx", "generate", "api", "--domain", "bücher.example"]);
  expect(stdout).toContain("server_name xn--bcher-kva.example;");
  await running(home, ["日本"]);
  const all = await tsm(home, ["nginx", "generate", "--all", "--domain", "example.com"]);
  expect(all).toMatchObject({ code: 0, stderr: "" });
  expect(all.stdout).toContain("upstream tsm_xn__wgv71a {");
  expect(all.stdout).toContain("server_name xn--wgv71a.example.com;");
});

test("what has no port, or names that would be one, are told", async () => {
  const home = makeHome();
  await tsm(home, ["start", "--settle", "0", "--name", "quiet", "sleep", "600"]);
  expect(await tsm(home, ["nginx", "generate", "quiet"])).toMatchObject({ code: 64 });
  expect(await tsm(home, ["nginx", "generate", "--all"])).toMatchObject({ code: 1 });
  expect(await tsm(home, ["nginx", "generate", "nobody"])).toMatchObject({ code: 1 });
  expect(await tsm(home, ["nginx", "generate"])).toMatchObject({ code: 64 });
  await running(home, ["a b", "a.b"]);
  const twice = await tsm(home, ["nginx", "generate", "--all"]);
  expect(twice).toMatchObject({ code: 64, stdout: "" });
  expect(twice.stderr).toContain("would both be a-b");
  await running(home, ["web"]);
  for (const verb of ["nginx", "caddy"]) {
    const rest = await tsm(home, [verb, "generate", "--all", "--domain", "example.com"]);
    expect(rest).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("web.example.com"),
      stderr: "tsm: 'a b' and 'a.b' would both be a-b: no request goes to them\n",
    });
    expect(rest.stdout).not.toContain("a-b");
    expect(await tsm(home, [verb, "generate", "web", "a b", "a.b"])).toMatchObject({ code: 64, stdout: "" });
    expect(await tsmJson(home, [verb, "generate", "--all"])).toMatchObject({ left: [{ services: ["a b", "a.b"] }] });
  }
});

describe.runIf(hasNginx)(`by the real nginx${why}`, () => {
  test("takes hostile names, several instances and --tls with a certificate", async () => {
    const home = makeHome();
    await running(home, ["api", "api", "x; } server { listen 1", "$host \"'`{}#"]);
    const [http = 0, https = 0] = await freePorts(2);
    const ports = ["--http", String(http), "--https", String(https)];
    expect(await tsm(home, ["nginx", "test", "--all", ...ports])).toMatchObject({ code: 0, stderr: "" });
    const missing = await tsm(home, ["nginx", "test", "api", "--tls", ...ports]);
    expect(missing).toMatchObject({ code: 1 });
    expect(missing.stdout).toContain("cannot load certificate");
    const [cert, key] = ['a "b\\c;.pem', "key.pem"].map((name) => join(home.folder, name));
    for (const [from, to] of [
      ["cert.pem", cert],
      ["key.pem", key],
    ])
      copyFileSync(new URL(`../fixtures/tls/${from}`, import.meta.url), to ?? "");
    const own = ["--tls", "--cert", cert ?? "", "--key", key ?? ""];
    expect(await tsm(home, ["nginx", "test", "api", ...own, ...ports])).toMatchObject({ code: 0, stderr: "" });
  });

  test("install writes and links, uninstall leaves nothing, and both are planned before", async () => {
    const home = makeHome();
    await running(home, ["api"]);
    const [main = 0, http = 0] = await freePorts(2);
    const root = nginxFolder(home, main);
    const ask = ["api", "--domain", "api.example.com", "--folder", root, "--http", String(http)];
    const file = join(root, "sites-available/tsm-api.conf");
    const refused = await tsm(home, ["nginx", "install", ...ask]);
    expect(refused).toMatchObject({ code: 64 });
    expect(refused.stderr).toContain(`write ${file}`);
    const plan = await tsm(home, ["nginx", "install", ...ask, "--dry-run"]);
    expect(plan.stdout).toContain(`would write ${file}`);
    expect(existsSync(file)).toBe(false);
    expect(await tsm(home, ["nginx", "install", ...ask, "--yes"])).toMatchObject({ code: 0, stderr: "" });
    expect(readlinkSync(join(root, "sites-enabled/tsm-api.conf"))).toBe(file);
    expect(await tsmJson(home, ["nginx", "status", "--folder", root])).toMatchObject({
      valid: true,
      sites: [{ slug: "api", enabled: true, domains: ["api.example.com"] }],
    });
    expect(await tsm(home, ["nginx", "install", ...ask, "--yes"])).toMatchObject({ code: 0 });
    await tsm(home, ["delete", "*"]);
    expect(await tsm(home, ["nginx", "uninstall", "api", "--folder", root, "--yes"])).toMatchObject({ code: 0 });
    expect(existsSync(file)).toBe(false);
    expect(existsSync(join(root, "sites-enabled/tsm-api.conf"))).toBe(false);
  });

  test("what nginx refuses is taken back, and what others made is left alone", async () => {
    const home = makeHome();
    await running(home, ["api"]);
    const [main = 0, http = 0] = await freePorts(2);
    const root = nginxFolder(home, main);
    const ask = ["nginx", "install", "api", "--domain", "a.example", "--folder", root, "--http", String(http), "--yes"];
    expect(await tsm(home, ask)).toMatchObject({ code: 0 });
    const file = join(root, "sites-available/tsm-api.conf");
    const before = readFileSync(file, "utf8");
    const broken = await tsm(home, [...ask, "--tls"]);
    expect(broken).toMatchObject({ code: 65 });
    expect(broken.stderr).toContain("cannot load certificate");
    expect(readFileSync(file, "utf8")).toBe(before);
    writeFileSync(file, "server {}\n");
    expect(await tsm(home, ask)).toMatchObject({ code: 1 });
    expect(await tsm(home, ["nginx", "uninstall", "api", "--folder", root, "--yes"])).toMatchObject({ code: 1 });
    expect(readFileSync(file, "utf8")).toBe("server {}\n");
  });
});
