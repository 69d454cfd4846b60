import { resolve } from "node:path";
import { TsmError } from "./errors.ts";
import { type Launched, launch } from "./launch.ts";
import { plainRequest } from "./plain-request.ts";
import { plan } from "./plan.ts";
import type { World } from "./world.ts";

/** A folder that is to be served. */
export interface ServeRequest {
  readonly path: string;
  readonly port: number;
  readonly name: string | undefined;
  readonly spa: boolean;
  readonly ftp: boolean;
  readonly user: string | undefined;
  readonly password: string | undefined;
}

/** Starts our own server for it, by the one way there is; what is secret is in its environment. */
export async function serve(world: World, request: ServeRequest, signal: AbortSignal): Promise<Launched> {
  const { node, server } = world.programs;
  const { port, spa, ftp, user = world.env["SERVE_USERNAME"], password = world.env["SERVE_PASSWORD"] } = request;
  const cwd = resolve(world.cwd, request.path);
  if (world.platform.files.kind(cwd) !== "directory")
    throw new TsmError("NO_FILE", `${cwd} is not a folder`, { hint: "tsm serve FOLDER PORT" });
  if ((user === undefined) !== (password === undefined)) {
    throw new TsmError("USAGE", "a user and a password go together", {
      hint: "Give both --basic-auth-username and --basic-auth-password",
    });
  }
  const { SERVE_USERNAME: _user, SERVE_PASSWORD: _password, ...others } = world.env;
  const secrets =
    user === undefined || password === undefined ? {} : { SERVE_USERNAME: user, SERVE_PASSWORD: password };
  const words = [server, ".", ...(spa ? ["--spa"] : []), ...(ftp ? ["--ftp"] : [])];
  const plain = plainRequest(world.settings().settle);
  const spec = plan(
    { ...world, env: { ...others, ...secrets } },
    { ...plain, words, beforeDashes: 0, name: request.name ?? "serve", interpreter: node, port, cwd },
  );
  return await launch(world, spec, signal);
}
