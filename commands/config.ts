import { defineCommand, optional } from "../src/command/define.ts";
import { wrap } from "../src/command/help.ts";
import { oneOf, settingName, settingValue } from "../src/command/types.ts";
import { TsmError } from "../src/core/errors.ts";
import { noSetting } from "../src/core/no-setting.ts";
import { changedSetting } from "../src/view/changed-setting.ts";
import { describedLines } from "../src/view/described.ts";
import { roles, wrongStyles } from "../src/view/theme.ts";

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
    const rows = settings.map(({ name, value, summary }) => ({ cells: [name, String(value)], summary }));
    if (action === "list") yield* describedLines(rows, screen, wrap);
    else for (const setting of settings) yield action === "get" ? String(setting.value) : changedSetting(setting);
  },
});
