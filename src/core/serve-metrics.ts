import type { HttpService, Serving } from "../platform/platform.ts";
import { isErrno, TsmError } from "./errors.ts";
import type { World } from "./world.ts";

/** Answers GETs until the signal. @throws TsmError when it cannot listen there. */
export async function serve({ platform }: World, request: HttpService, signal: AbortSignal): Promise<Serving> {
  const { host, port } = request;
  try {
    return await platform.serve(request, signal);
  } catch (error) {
    if (isErrno(error, "EADDRINUSE")) {
      throw new TsmError("PORT_TAKEN", `port ${port} of ${host} is already in use`, {
        hint: `Give another one; who has it: tsm ports`,
      });
    }
    if (isErrno(error, "EACCES")) {
      throw new TsmError("PORT_TAKEN", `port ${port} may not be listened on`, { hint: "Give one above 1023" });
    }
    if (isErrno(error, "EADDRNOTAVAIL", "ENOTFOUND", "EAI_AGAIN", "EAFNOSUPPORT")) {
      throw new TsmError("USAGE", `this machine has no address ${host}`, {
        hint: "127.0.0.1 is for this machine alone",
      });
    }
    throw error;
  }
}
