import { TsmError } from "../core/errors.ts";
import type { ParamType } from "./define.ts";
import { type FieldName, fieldNames } from "./field-names.ts";

/** By what `list` is sorted. */
export interface Order {
  readonly field: FieldName;
  readonly direction: 1 | -1;
}

/** `mem` from little to much, `-mem` and `mem:desc` from much to little. */
export const order: ParamType<Order> = {
  label: "FIELD",
  offers: { kind: "order" },
  parse(by) {
    const [, minus = "", name = "", suffix = ""] = /^(-?)([a-z]+)(:asc|:desc)?$/i.exec(by) ?? [];
    const lower = name.toLowerCase();
    // As pm2 calls it.
    const known = lower === "memory" ? "mem" : lower;
    if (isField(known) && (minus === "" || suffix === ""))
      return { field: known, direction: minus === "-" || suffix.toLowerCase() === ":desc" ? -1 : 1 };
    throw new TsmError("USAGE", `'${by}' is not a field`, {
      hint: `Choose one of: ${Object.keys(fieldNames).join(", ")}; -mem or mem:desc is the other way round`,
    });
  },
};

function isField(name: string): name is FieldName {
  return Object.hasOwn(fieldNames, name);
}
