import { defineCommand, optional } from "../src/command/define.ts";
import { aliasCommand } from "../src/command/meant.ts";
import { isVerbName } from "../src/command/registry.ts";
import { aliasName } from "../src/command/types.ts";
import { TsmError } from "../src/core/errors.ts";
import { nearest } from "../src/core/nearest.ts";

export default defineCommand({
  name: "alias",
  summary: "Give a command a name of your own; alone, show those there are",
  details: [
    "An alias stands for a verb and what is behind it, and works wherever a verb does: in the shell, on the command line, in completion and in help. It can take another word for a verb (`l`, `log`, `status`), but not the name of one, stand for another alias, or answer a question with --yes.",
  ],
  effect: "changes",
  args: { definition: optional({ ...aliasName, label: "NAME[='COMMAND']" }, "The alias, and what it stands for") },
  flags: {},
  beyond: "Quote all that it stands for: alias lc='list crashed --sort mem'",
  examples: ["alias", "alias k", "alias k=kill", "alias lc='list crashed'", "alias r='restart --timeout 2'"],
  onlyLooks: ({ definition }) => definition?.includes("=") !== true,
  async run({ definition }, { engine, registry }): Promise<Answer> {
    const { aliases } = engine.settings();
    const all = [...aliases].map(([name, command]) => ({ name, command }));
    if (definition === undefined) return { made: false, aliases: all };
    const at = definition.indexOf("=");
    if (at === -1) {
      const command = aliases.get(definition);
      if (command !== undefined) return { made: false, aliases: [{ name: definition, command }] };
      throw noAlias(definition, [...aliases.keys()]);
    }
    const [name, command] = [definition.slice(0, at), definition.slice(at + 1).trim()];
    if (command === "") {
      throw new TsmError("USAGE", `'${name}' would stand for nothing`, { hint: `tsm unalias ${name} takes it away` });
    }
    if (isVerbName(registry, name) || name === "tsm") {
      throw new TsmError("USAGE", `'${name}' is a command already, and an alias cannot hide one`, {
        hint: "Choose another name",
      });
    }
    await aliasCommand(name, command, registry);
    await engine.changeMeaning("aliases", name, command);
    return { made: true, aliases: [{ name, command }] };
  },
  json: ({ aliases }) => aliases,
  *render({ made, aliases }) {
    if (aliases.length === 0) yield "tsm: there is no alias; alias k=kill makes one";
    for (const { name, command } of aliases)
      yield made ? `tsm: ${name} is now '${command}'` : `${name}='${quoted(command)}'`;
  },
});

interface Answer {
  readonly made: boolean;
  readonly aliases: readonly { readonly name: string; readonly command: string }[];
}

export function noAlias(name: string, aliases: readonly string[]): TsmError {
  const near = nearest(name, aliases);
  return new TsmError("NOT_FOUND", `there is no alias '${name}'`, {
    hint: near.length > 0 ? `Did you mean ${near.map((each) => `'${each}'`).join(" or ")}?` : "tsm alias shows all",
  });
}

/** As it is typed inside of ''. */
function quoted(command: string): string {
  return command.replaceAll("'", `'"'"'`);
}
