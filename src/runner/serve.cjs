"use strict";
// A folder over HTTP: `node serve.cjs FOLDER [--spa] [--ftp]`, on PORT; SERVE_USERNAME and SERVE_PASSWORD, where given, are asked for.
const { createHash, timingSafeEqual } = require("node:crypto");
const { createReadStream, promises } = require("node:fs");
const { createServer } = require("node:http");
const { extname, join, relative, sep } = require("node:path");

const [folder = ".", ...flags] = process.argv.slice(2);
const { PORT = "8080", SERVE_USERNAME: user, SERVE_PASSWORD: password } = process.env;

const types = {
  ".html": "text/html; charset=utf-8",
  ".htm": "text/html; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".mjs": "text/javascript; charset=utf-8",
  ".json": "application/json; charset=utf-8",
  ".map": "application/json; charset=utf-8",
  ".txt": "text/plain; charset=utf-8",
  ".md": "text/plain; charset=utf-8",
  ".xml": "application/xml; charset=utf-8",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".jpg": "image/jpeg",
  ".jpeg": "image/jpeg",
  ".gif": "image/gif",
  ".webp": "image/webp",
  ".avif": "image/avif",
  ".ico": "image/x-icon",
  ".woff": "font/woff",
  ".woff2": "font/woff2",
  ".ttf": "font/ttf",
  ".wasm": "application/wasm",
  ".pdf": "application/pdf",
  ".mp3": "audio/mpeg",
  ".mp4": "video/mp4",
  ".webm": "video/webm",
};

/** What a path means: a file, a folder to list, or undefined. Nothing outside of the root, whatever it is spelled or linked like. */
async function find(root, path) {
  const parts = path.split("/").filter((part) => part !== "");
  if (parts.some((part) => part.startsWith(".") && part !== ".well-known")) return undefined;
  const place = await real(join(root, ...parts));
  if (place === undefined || !isBelow(root, place)) return undefined;
  const stat = await promises.stat(place);
  if (stat.isFile()) return path.endsWith("/") ? undefined : { kind: "file", place, stat };
  if (!stat.isDirectory()) return undefined;
  const index = await real(join(place, "index.html"));
  if (index !== undefined && isBelow(root, index)) {
    const indexStat = await promises.stat(index);
    if (indexStat.isFile()) return { kind: "file", place: index, stat: indexStat, isIndex: true };
  }
  return { kind: "folder", place };
}

async function real(path) {
  try {
    return await promises.realpath(path);
  } catch (error) {
    if (["ENOENT", "ENOTDIR", "EACCES", "ELOOP", "ENAMETOOLONG"].includes(error.code)) return undefined;
    throw error;
  }
}

function isBelow(root, place) {
  if (place === root) return true;
  const way = relative(root, place);
  return way !== ".." && !way.startsWith(`..${sep}`) && !way.startsWith(sep);
}

/** Compared as digests, so that time tells nothing. */
function isAllowed({ authorization = "" }) {
  if (user === undefined || password === undefined) return true;
  const [, given = ""] = /^Basic +(\S+)$/i.exec(authorization) ?? [];
  const digest = (text) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(Buffer.from(given, "base64").toString("utf8")), digest(`${user}:${password}`));
}

function say(request, response, code, headers = {}, text = "") {
  const body = Buffer.from(text === "" && code >= 400 ? `${code} ${messages[code]}\n` : text);
  response.writeHead(code, {
    "Content-Type": "text/plain; charset=utf-8",
    "X-Content-Type-Options": "nosniff",
    ...headers,
    "Content-Length": body.length,
  });
  response.end(request.method === "HEAD" ? undefined : body);
}

const messages = {
  400: "Bad Request",
  401: "Unauthorized",
  404: "Not Found",
  405: "Method Not Allowed",
  416: "Range Not Satisfiable",
  500: "Internal Server Error",
};

async function answer(root, request, response) {
  if (!isAllowed(request.headers))
    return say(request, response, 401, { "WWW-Authenticate": 'Basic realm="tsm serve", charset="UTF-8"' });
  if (request.method !== "GET" && request.method !== "HEAD") return say(request, response, 405, { Allow: "GET, HEAD" });
  let path;
  try {
    path = decodeURIComponent(request.url.split(/[?#]/, 1)[0]);
  } catch {
    return say(request, response, 400);
  }
  if (!path.startsWith("/") || /[\0\\]/.test(path) || path.split("/").includes(".."))
    return say(request, response, 400);
  let found = await find(root, path);
  const isFolder = found?.kind === "folder" || found?.isIndex === true;
  if (isFolder && !path.endsWith("/")) {
    // `//host` would be another place.
    const encoded = path.replace(/^\/+/, "/").split("/").map(encodeURIComponent).join("/");
    return say(request, response, 301, { Location: `${encoded}/` });
  }
  if (found?.kind === "folder" && flags.includes("--ftp"))
    return await list(root, path, found.place, request, response);
  if (found?.kind !== "file" && flags.includes("--spa")) found = await find(root, "/");
  if (found?.kind !== "file") return say(request, response, 404);
  return send(found, request, response);
}

function send({ place, stat }, request, response) {
  const etag = `"${stat.size.toString(16)}-${Math.floor(stat.mtimeMs).toString(16)}"`;
  const headers = {
    "Content-Type": types[extname(place).toLowerCase()] ?? "application/octet-stream",
    "X-Content-Type-Options": "nosniff",
    "Last-Modified": stat.mtime.toUTCString(),
    "Accept-Ranges": "bytes",
    ETag: etag,
  };
  if (request.headers["if-none-match"] === etag) {
    response.writeHead(304, headers).end();
    return;
  }
  const { range: asked, "if-range": since } = request.headers;
  const isSame = since === undefined || since === etag || since === headers["Last-Modified"];
  const range = rangeOf(isSame ? asked : undefined, stat.size);
  if (range === "none") return say(request, response, 416, { "Content-Range": `bytes */${stat.size}` });
  const { from, to } = range ?? { from: 0, to: stat.size - 1 };
  if (range !== undefined) headers["Content-Range"] = `bytes ${from}-${to}/${stat.size}`;
  response.writeHead(range === undefined ? 200 : 206, { ...headers, "Content-Length": to - from + 1 });
  if (request.method === "HEAD" || to < from) {
    response.end();
    return;
  }
  const file = createReadStream(place, { start: from, end: to });
  file.on("error", () => response.destroy());
  response.on("close", () => file.destroy());
  file.pipe(response);
}

/** One range; several, or what is no range, is the whole file. */
function rangeOf(header, size) {
  const [, first, last] = /^bytes=(\d*)-(\d*)$/.exec(header ?? "") ?? [];
  if (first === undefined || (first === "" && last === "")) return undefined;
  if (first !== "" && last !== "" && Number(first) > Number(last)) return undefined;
  const from = first === "" ? Math.max(0, size - Number(last)) : Number(first);
  const to = first === "" || last === "" ? size - 1 : Math.min(Number(last), size - 1);
  return from >= size ? "none" : { from, to };
}

async function list(root, path, place, request, response) {
  const entries = await promises.readdir(place, { withFileTypes: true });
  const shown = entries.filter(({ name }) => !name.startsWith(".")).sort((a, b) => (a.name < b.name ? -1 : 1));
  const rows = shown.map((entry) => {
    const name = entry.isDirectory() ? `${entry.name}/` : entry.name;
    return `<li><a href="./${encodeURIComponent(entry.name)}${entry.isDirectory() ? "/" : ""}">${escaped(name)}</a></li>`;
  });
  const up = place === root ? "" : '<li><a href="../">../</a></li>';
  const page = `<!doctype html><meta charset="utf-8"><title>${escaped(path)}</title><h1>${escaped(path)}</h1><ul>${up}${rows.join("")}</ul>\n`;
  say(request, response, 200, { "Content-Type": "text/html; charset=utf-8" }, page);
}

function escaped(text) {
  return text.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

promises.realpath(folder).then((root) => {
  const server = createServer((request, response) => {
    answer(root, request, response)
      .catch((error) => {
        process.stderr.write(`${request.method} ${request.url}: ${error.message}\n`);
        if (response.headersSent) response.destroy();
        else say(request, response, 500);
      })
      .finally(() => process.stdout.write(`${request.method} ${request.url} ${response.statusCode}\n`));
  });
  server.listen(Number(PORT), () => process.stdout.write(`serving ${root} on http://localhost:${PORT}\n`));
  process.on("SIGTERM", () => {
    server.close();
    server.closeAllConnections();
  });
});
