import type { IncomingMessage, ServerResponse } from "node:http";
import type { HttpService, Serving } from "./platform.ts";

/** Who asks now and then is served; what would keep the program busy, or its memory, is turned away. */
const bounds = { connections: 32, headerBytes: 8 * 1024, requestMs: 5000 };

export async function serve({ host, port, pages }: HttpService, signal: AbortSignal): Promise<Serving> {
  const { createServer } = process.getBuiltinModule("node:http");
  const server = createServer(
    { maxHeaderSize: bounds.headerBytes, requestTimeout: bounds.requestMs, headersTimeout: bounds.requestMs },
    (request, response) => {
      answer(request, response, pages).catch((error: unknown) => {
        response.destroy(error instanceof Error ? error : undefined);
      });
    },
  );
  server.maxConnections = bounds.connections;
  server.keepAliveTimeout = bounds.requestMs;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host, port, exclusive: true }, () => {
      server.off("error", reject);
      resolve();
    });
  });
  const ended = new Promise<void>((resolve) => {
    server.once("close", resolve);
  });
  const close = (): void => {
    server.close();
    server.closeAllConnections();
  };
  if (signal.aborted) close();
  else signal.addEventListener("abort", close, { once: true });
  const address = server.address();
  const isText = address === null || typeof address === "string";
  return { host: isText ? host : address.address, port: isText ? port : address.port, ended };
}

async function answer(
  { method = "GET", url = "/" }: IncomingMessage,
  response: ServerResponse,
  pages: HttpService["pages"],
): Promise<void> {
  const [path = "/"] = url.split("?", 1);
  const page = Object.hasOwn(pages, path) ? pages[path] : undefined;
  if (page === undefined) {
    say(response, 404, "text/plain; charset=utf-8", `there is only ${Object.keys(pages).join(", ")}\n`, method);
    return;
  }
  if (method !== "GET" && method !== "HEAD") {
    response.setHeader("allow", "GET, HEAD");
    say(response, 405, "text/plain; charset=utf-8", "only GET is answered\n", method);
    return;
  }
  try {
    const { type, body } = await page();
    say(response, 200, type, body, method);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    say(response, 500, "text/plain; charset=utf-8", `${message}\n`, method);
  }
}

function say(response: ServerResponse, status: number, type: string, body: string, method: string): void {
  response.writeHead(status, { "content-type": type, "content-length": Buffer.byteLength(body) });
  response.end(method === "HEAD" ? undefined : body);
}
