import { TsmError } from "./errors.ts";
import { nearest } from "./nearest.ts";

export function noSetting(name: string, names: readonly string[]): TsmError {
  const near = nearest(name, names);
  return new TsmError("USAGE", `there is no setting '${name}'`, {
    hint:
      near.length > 0
        ? `Did you mean ${near.map((each) => `'${each}'`).join(" or ")}?`
        : `The settings are ${names.join(", ")}`,
  });
}
