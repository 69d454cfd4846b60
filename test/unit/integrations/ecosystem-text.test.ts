import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { ecosystemText, formOf } from "../../../src/integrations/ecosystem-text.ts";

const hostile = "'\"`${process.exit()}\n*/ // \\ \u2028 </script> é 日本";
const apps = [
  {
    name: hostile,
    script: hostile,
    args: [hostile, "", "x".repeat(200)],
    env: { [hostile]: hostile, constructor: "1" },
    environments: { production: { A: "yes" } },
    port: undefined,
    log: { max_size: "1M", keep: 0 },
  },
];
const expected = {
  apps: [
    {
      name: hostile,
      script: hostile,
      args: [hostile, "", "x".repeat(200)],
      env: { [hostile]: hostile, constructor: "1" },
      env_production: { A: "yes" },
      log: { max_size: "1M", keep: 0 },
    },
  ],
};

test.for([
  { form: "cjs", read: (text: string) => runInNewContext(`const module = {}; ${text} JSON.stringify(module.exports)`) },
  {
    form: "mjs",
    read: (text: string) => runInNewContext(text.replace("export default", "var x =").concat(" JSON.stringify(x)")),
  },
  { form: "json", read: (text: string) => text },
  { form: "yaml", read: (text: string) => JSON.stringify(parse(text)) },
] as const)("whatever the values are, $form is read back as they were", ({ form, read }) => {
  const text = ecosystemText(apps, form, ["a head\nrequire('fs')", "\u2028evil()"]);
  const back: unknown = JSON.parse(String(read(text)));
  expect(back).toEqual(expected);
});

test.for([
  ["ecosystem.config.cjs", "cjs"],
  ["x.config.js", "cjs"],
  ["x.config.mjs", "mjs"],
  ["x.json", "json"],
  ["x.yml", "yaml"],
  ["x.js", undefined],
  ["x", undefined],
] as const)("%s is written as %s", ([file, form]) => {
  expect(formOf(file)).toBe(form);
});
