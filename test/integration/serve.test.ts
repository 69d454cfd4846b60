import { symlinkSync } from "node:fs";
import { type IncomingHttpHeaders, request } from "node:http";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type Home, makeHome } from "../support/home.ts";
import { row } from "../support/managed.ts";
import { freePort } from "../support/ports.ts";
import { script } from "../support/scripts.ts";
import { tsm } from "../support/tsm.ts";

interface Answer {
  readonly code: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** The path goes out as it stands: no client of ours makes it harmless. */
function get(port: number, path: string, headers: Record<string, string> = {}, method = "GET"): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: "127.0.0.1", port, path, headers, method }, (response) => {
      let body = "";
      response.setEncoding("utf8").on("data", (text: string) => (body += text));
      response.on("end", () => resolve({ code: response.statusCode, headers: response.headers, body }));
    });
    asked.on("error", reject);
    asked.end();
  });
}

async function served(home: Home, ...flags: string[]): Promise<number> {
  script(home, "public/index.html", "<h1>home</h1>\n");
  script(home, "public/style.css", "body {}\n");
  script(home, "public/empty.txt", "");
  script(home, "public/deep/page.html", "deep\n");
  script(home, "public/.env", "SECRET=1\n");
  script(home, "outside.txt", "outside\n");
  symlinkSync("../outside.txt", join(home.folder, "public/link.txt"));
  symlinkSync("style.css", join(home.folder, "public/inner.css"));
  const port = await freePort();
  const outcome = await tsm(home, ["serve", "public", String(port), ...flags]);
  expect(outcome).toMatchObject({ code: 0, stdout: expect.stringMatching(new RegExp(`as '(?:serve|site)-${port}'`)) });
  return port;
}

test("files below the folder are served, and nothing else is", async () => {
  const home = makeHome();
  const port = await served(home);
  expect(await row(home, `serve-${port}`)).toMatchObject({ status: "online", port });
  expect(await get(port, "/")).toMatchObject({ code: 200, body: "<h1>home</h1>\n" });
  expect(await get(port, "/style.css?v=1")).toMatchObject({
    code: 200,
    body: "body {}\n",
    headers: { "content-type": "text/css; charset=utf-8", "content-length": "8" },
  });
  expect(await get(port, "/inner.css")).toMatchObject({ code: 200 });
  expect(await get(port, "/empty.txt")).toMatchObject({ code: 200, body: "" });
  expect(await get(port, "/deep/page.html")).toMatchObject({ code: 200, body: "deep\n" });
  for (const path of [
    "/../outside.txt",
    "/deep/../../outside.txt",
    "/%2e%2e/outside.txt",
    "/..%2foutside.txt",
    "/..\\outside.txt",
    "/link.txt",
    "//../outside.txt",
    "/.env",
    "/%2eenv",
    "/deep/",
    "/nosuch",
    "/style.css/",
    "/%00",
    "/%zz",
  ]) {
    const answer = await get(port, path);
    expect([path, [400, 404].includes(answer.code ?? 0)]).toEqual([path, true]);
    expect(answer.body).not.toMatch(/outside|SECRET/);
  }
  expect(await get(port, "/deep")).toMatchObject({ code: 301, headers: { location: "/deep/" } });
  expect(await get(port, "/", {}, "POST")).toMatchObject({ code: 405 });
  expect(await get(port, "/style.css", {}, "HEAD")).toMatchObject({ code: 200, body: "" });
  expect(await get(port, "/style.css", { range: "bytes=0-3" })).toMatchObject({ code: 206, body: "body" });
  expect(await get(port, "/style.css", { range: "bytes=99-" })).toMatchObject({ code: 416 });
  // Who goes on with what he began is given all of it when it is another by now.
  const { etag = "", "last-modified": modified = "" } = (await get(port, "/style.css")).headers;
  const since = (word: string) => get(port, "/style.css", { range: "bytes=0-3", "if-range": word });
  for (const word of [etag, modified]) expect(await since(word), word).toMatchObject({ code: 206, body: "body" });
  for (const word of ['"other"', "Thu, 01 Jan 2015 00:00:00 GMT"])
    expect(await since(word), word).toMatchObject({ code: 200, body: "body {}\n" });
  expect(await get(port, "/style.css", { range: "bytes=3-1" })).toMatchObject({ code: 200, body: "body {}\n" });
  const { headers } = await get(port, "/style.css");
  expect(await get(port, "/style.css", { "if-none-match": String(headers.etag) })).toMatchObject({ code: 304 });
  expect(await tsm(home, ["stop", `serve-${port}`])).toMatchObject({ code: 0 });
});

test("--spa gives index.html for every path, --ftp shows what a folder holds", async () => {
  const home = makeHome();
  const port = await served(home, "--spa", "--ftp", "--name", "site");
  expect(await row(home, `site-${port}`)).toMatchObject({ status: "online" });
  expect(await get(port, "/users/7")).toMatchObject({ code: 200, body: "<h1>home</h1>\n" });
  const listing = await get(port, "/deep/");
  expect(listing.body).toContain('<a href="./page.html">page.html</a>');
});

test("a user and a password are asked for, and stand in no command line", async () => {
  const home = makeHome();
  const secrets = ["--basic-auth-username", "ada", "--basic-auth-password", "lovelace-1815"];
  const port = await served(home, ...secrets);
  const basic = (pair: string) => ({ authorization: `Basic ${Buffer.from(pair).toString("base64")}` });
  expect(await get(port, "/")).toMatchObject({ code: 401, headers: { "www-authenticate": expect.any(String) } });
  expect(await get(port, "/", basic("ada:wrong"))).toMatchObject({ code: 401 });
  expect(await get(port, "/", basic("ada:lovelace-1815"))).toMatchObject({ code: 200 });
  expect((await row(home, `serve-${port}`)).command).not.toContain("lovelace");
  expect((await tsm(home, ["env", `serve-${port}`])).stdout).not.toContain("lovelace");
  await tsm(home, ["restart", `serve-${port}`]);
  expect(await get(port, "/")).toMatchObject({ code: 401 });
  expect(await get(port, "/", basic("ada:lovelace-1815"))).toMatchObject({ code: 200 });
  expect(await tsm(home, ["serve", "public", "--basic-auth-username", "ada"])).toMatchObject({ code: 64 });
});

test("what is no folder is refused", async () => {
  const home = makeHome();
  script(home, "file.txt", "");
  for (const path of ["nosuch", "file.txt"]) expect(await tsm(home, ["serve", path])).toMatchObject({ code: 66 });
});
