import { expect, test } from "vitest";
import { TsmError } from "../../../src/core/errors.ts";
import type { Outside } from "../../../src/core/outside.ts";
import { applySites } from "../../../src/integrations/nginx-install.ts";
import { placesIn } from "../../../src/integrations/nginx-site.ts";

/** A machine on which these programs are, and a folder that only root may write to. */
function machine(programs: readonly string[]): Outside {
  const unasked = () => {
    throw new Error("nobody asks for that");
  };
  return {
    isRoot: false,
    hasIpv6: false,
    addressOf: unasked,
    kind: unasked,
    read: unasked,
    list: unasked,
    linkTarget: unasked,
    run: async ([program = ""]) => (programs.includes(program) ? { code: 0, stdout: "", stderr: "" } : undefined),
    needsRoot: () => true,
    apply: () => Promise.reject(new TsmError("NOT_PERMITTED", "there is no sudo here")),
    scratch: unasked,
    absolute: unasked,
  };
}

test.for([
  { programs: ["nginx"], code: "NOT_PERMITTED", says: "no sudo" },
  { programs: ["sudo"], code: "NO_FILE", says: "nginx is not installed" },
])("where there is but $programs: $says", async ({ programs, code, says }) => {
  const places = placesIn("/etc/nginx", () => true);
  if (places === undefined) throw new Error("that is a folder of nginx's");
  const change = { does: "write", path: places.file("api"), text: "" } as const;
  const applied = applySites([change], places, machine(programs), new AbortController().signal);
  await expect(applied).rejects.toMatchObject({ code, message: expect.stringContaining(says) });
});
