import { defineCommand, optional } from "../src/command/define.ts";
import { wrap } from "../src/command/help.ts";
import { oneOf, settingName, settingValue } from "../src/command/types.ts";
import type { Setting } from "../src/core/configure.ts";
import { TsmError } from "../src/core/errors.ts";
import { noSetting } from "../src/core/no-setting.ts";
import type { Screen } from "../src/view/screen.ts";
import { roles, wrongStyles } from "../src/view/theme.ts";
import { displayWidth, padEnd } from "../src/view/width.ts";

const usage = "Usage: tsm config get NAME, set NAME VALUE, list, or path";

export default defineCommand({
  name: "config",
  summary: "Read and change the settings",
  effect: "changes",
  args: {
    action: optional(oneOf(["list", "get", "set", "path"]), "What to do, default list"),
    name: optional(settingName, "The setting"),
    value: optional(settingValue, "Its new value"),
  },
  flags: {},
  examples: ["config", "config get lines", "config set settle 800", "config set editing-mode vi", "config path"],
  onlyLooks: ({ action }) => action !== "set",
  async run({ action = "list", name, value }, { engine }) {
    const wanted = { list: 0, path: 0, get: 1, set: 2 }[action];
    const given = [name, value].filter((word) => word !== undefined).length;
    if (given !== wanted)
      throw new TsmError(
        "USAGE",
        `config ${action} takes ${wanted === 0 ? "nothing more" : wanted === 1 ? "a NAME" : "a NAME and a VALUE"}`,
        { hint: usage },
      );
    if (action === "path") return { action, path: engine.home.settings, settings: [] };
    if (action === "set" && name !== undefined && value !== undefined) {
      const [wrong] = name === "styles" ? wrongStyles(value) : [];
      if (wrong !== undefined)
        throw new TsmError("USAGE", `'${wrong}' is not a role with its style`, {
          hint: `As warn=magenta or bad=bold,160. The roles are ${roles.join(", ")}`,
        });
      return { action, path: engine.home.settings, settings: [await engine.changeSetting(name, value)] };
    }
    const all = await engine.listSettings();
    const settings = name === undefined ? all : all.filter((setting) => setting.name === name);
    if (settings.length === 0)
      throw noSetting(
        name ?? "",
        all.map((each) => each.name),
      );
    return { action, path: engine.home.settings, settings };
  },
  *render({ action, path, settings }, screen) {
    if (action === "path") yield path;
    if (action === "list") yield* listed(settings, screen);
    else
      for (const { name, value } of settings) yield action === "get" ? String(value) : `tsm: ${name} is now ${value}`;
  },
});

/** Name, value and what it is for; the last goes on below itself, or below the others where it has too little space. */
function* listed(settings: readonly Setting[], { columns, paint }: Screen): Iterable<string> {
  const rows = settings.map(({ name, value, summary }) => ({ name, value: String(value), summary }));
  const width = (of: "name" | "value") => Math.max(...rows.map((row) => displayWidth(row[of])));
  const [names, values] = [width("name"), Math.min(width("value"), 20)];
  const beside = names + values + 2;
  const isNarrow = columns !== undefined && columns - beside < 24;
  const indent = isNarrow ? 4 : beside;
  for (const { name, value, summary } of rows) {
    const lines = columns === undefined ? [summary] : [...wrap(summary, columns - indent, "")];
    const first = isNarrow ? "" : (lines.shift() ?? "");
    yield `${padEnd(name, names)} ${padEnd(value, values)} ${paint.faint(first)}`.trimEnd();
    for (const line of lines) yield " ".repeat(indent) + paint.faint(line);
  }
}
