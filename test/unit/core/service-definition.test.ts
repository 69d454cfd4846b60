import { expect, test } from "vitest";
import { definitionFrom } from "../../../src/core/service-definition.ts";
import { parseServiceFile } from "../../../src/core/service-file.ts";
import { formatServiceFile } from "../../../src/core/service-save.ts";

const read = (text: string) => definitionFrom(parseServiceFile(text, {}).values, "app");

test.for([
  { text: "TSM_COMMAND='node server.js'", gives: ["node server.js"], because: "text is what a shell would read" },
  { text: "TSM_COMMAND=(node 'a b')", gives: ["node", "a b"], because: "an array is exact" },
  { text: "TSM_COMMAND=node TSM_ARGS='a \"b c\"'", gives: ["node", "a", "b c"], because: "arguments as text" },
  { text: "TSM_COMMAND=node TSM_ARGS=(a 'b c')", gives: ["node", "a", "b c"], because: "arguments as an array" },
  { text: "TSM_COMMAND=node TSM_ARGS='$X | y'", gives: ["node $X | y"], because: "only a shell can read these" },
])("$text is the command $gives: $because", ({ text, gives }) => {
  expect(read(text)).toMatchObject({ command: gives, faults: [] });
});

test("what it does not say is as it is for a process", () => {
  expect(read("TSM_COMMAND=x\nTSM_NAME=''\nTSM_PORT=auto\nTSM_DEPENDS=\n")).toEqual({
    processName: "app",
    description: "",
    command: ["x"],
    cwd: "",
    env: undefined,
    port: undefined,
    before: undefined,
    depends: [],
    ready: undefined,
    health: undefined,
    restart: undefined,
    maxMemory: undefined,
    autostart: true,
    faults: [],
    unknown: [],
  });
});

test("the older TSM_ENV_FILE is a path, and dependencies are parted by blanks and commas, in an array by commas", () => {
  expect(read("TSM_COMMAND=x TSM_ENV_FILE=prod TSM_DEPENDS='a, tetra/b a'")).toMatchObject({
    env: "./prod",
    depends: ["a", "tetra/b"],
  });
  expect(read("TSM_COMMAND=x TSM_DEPENDS=('two words' a, 'tetra/b c,d' ' ' a)").depends).toEqual([
    "two words",
    "a",
    "tetra/b c",
    "d",
  ]);
  expect(read("TSM_COMMAND=x TSM_ENV_FILE=").env).toBe("none");
  expect(read("TSM_COMMAND=x TSM_ENV_FILE= TSM_ENV=prod").env).toBe("prod");
  expect(read("TSM_COMMAND=x TSM_ENV=").env).toBeUndefined();
});

test("what nobody can follow is named, with what it says", () => {
  const { faults, unknown } = read("TSM_PORT=0 TSM_HEALTH=log:/x/ TSM_RESTART=maybe TSM_MAX_MEMORY=much TSM_PROT=1");
  expect(faults).toEqual([
    "there is no TSM_COMMAND",
    "TSM_PORT is '0', which is not a port",
    "TSM_HEALTH is 'log:/x/', which is not a probe that can be asked again and again (port, http://localhost:3000/health, cmd:'pg_isready -q')",
    "TSM_RESTART is 'maybe', which is none of no, on-failure, always",
    "TSM_MAX_MEMORY is 'much', which is not a size",
  ]);
  expect(unknown).toEqual(["TSM_PROT"]);
});

test.for([
  { words: ["node", "server.js"], line: "TSM_COMMAND='node server.js'" },
  { words: ["./run"], line: "TSM_COMMAND=./run" },
  { words: ["a b; c"], line: "TSM_COMMAND='a b; c'" },
  { words: ["A=1", "x"], line: "TSM_COMMAND=(A=1 x)" },
  { words: ["x", ""], line: "TSM_COMMAND=(x '')" },
  { words: ["x", "it's", "$(date)"], line: "TSM_COMMAND=(x 'it'\\''s' '$(date)')" },
])("$words is written as $line", ({ words, line }) => {
  const text = formatServiceFile("tetra/app", { TSM_COMMAND: words });
  expect(text).toBe(`# tetra/app\n${line}\n`);
  expect(read(text).faults).toEqual([]);
});
