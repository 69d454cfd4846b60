import { createServer } from "node:net";

/** A TCP port that nothing listens on. Another program may take it before you do, which is rare: ask when you need it. */
export async function freePort(): Promise<number> {
  const [port] = await freePorts(1);
  if (port === undefined) throw new Error("no free port");
  return port;
}

/** Several free ports, all different. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  const ports = await Promise.all(
    servers.map(
      (server) =>
        new Promise<number>((resolve, reject) => {
          server.once("error", reject);
          // All addresses: a port that is taken on 127.0.0.1 alone would fail the program that wants 0.0.0.0.
          server.listen(0, () => {
            const address = server.address();
            if (address === null || typeof address === "string") reject(new Error("no TCP address"));
            else resolve(address.port);
          });
        }),
    ),
  );
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
