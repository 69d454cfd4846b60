import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { type Home, makeHome } from "../support/home.ts";
import { openScreen, type Screen } from "../support/screen.ts";
import { buildToyShell } from "./toy/build.ts";

/* What is typed and pasted while a child has the terminal, and the child does not read. */

let program: string;
beforeAll(async () => {
  program = await buildToyShell();
});

/** A shell whose child has the terminal, until `go`. */
async function withChild(child: string): Promise<{ home: Home; shell: Screen; go: () => void }> {
  const home = makeHome();
  const shell = openScreen(process.execPath, [program], { cwd: home.folder, env: { TSM_HOME: home.path } });
  await shell.waitFor(/tsm 3● 1✗ ›$/);
  shell.type(`!${child}; until [ -e go ]; do sleep 0.02; done; printf '%s\\n' gone\r`);
  await shell.waitFor(/^ready$/m);
  return { home, shell, go: () => writeFileSync(join(home.folder, "go"), "") };
}

const prompt = "tsm 3● 1✗ ›";

test("what is typed ahead runs next, in its order, as in bash, zsh and fish", async () => {
  const { shell, go } = await withChild("echo ready");
  shell.type("echo one\recho two\rhalf");
  await shell.waitFor(/two/);
  go();
  await shell.waitFor((screen) => screen.rows().at(-1) === `${prompt} half`);
  expect(shell.text()).toMatch(/gone\n[\s\S]*\[one\]\n[\s\S]*\[two\]\n/);
});

test("a paste in brackets that the child did not read stands on the line and has not run", async () => {
  const { shell, go } = await withChild("echo ready");
  shell.paste("echo one\necho two\n");
  await shell.waitFor(/two/);
  go();
  await shell.waitFor((screen) => screen.text().endsWith(`${prompt} echo one\n  … echo two`));
  shell.key("enter");
  await shell.waitFor(/\[one\]\n\[two\]/);
});

test.for([
  { size: 2, because: "at once" },
  // macOS throws away what its buffer does not hold.
  ...(process.platform === "linux" ? [{ size: 1000, because: "larger than the terminal's buffer" }] : []),
])("the rest of a paste whose beginning the child has read does not run either: $because", async ({ size }) => {
  const { shell, go } = await withChild("printf '\\e[?2004h'; echo ready; read -r first; echo 'first has' 'it'");
  const lines = Array.from({ length: size }, (_value, index) => `echo line-${index}`);
  shell.paste(`for the child\n${lines.join("\n")}\n`);
  await shell.waitFor((screen) => screen.text().includes("first has it"));
  go();
  await shell.waitFor((screen) => screen.rows().at(-1) === `  … echo line-${size - 1}`);
  expect(shell.text()).not.toContain("[line-");
  shell.key("ctrl-c");
  await shell.waitFor((screen) => screen.rows().at(-1) === prompt);
});

test.for(process.platform === "linux" ? [100] : [])(
  "%d lines are more than anybody types ahead: pasted, without marks",
  async (length) => {
    const { shell, go } = await withChild("echo ready");
    const lines = Array.from({ length }, (_value, index) => `echo line-${index}`);
    shell.type(`${lines.join("\r")}\r`);
    await shell.waitFor(/line-99$/m);
    go();
    await shell.waitFor((screen) => screen.rows().at(-1) === "  … echo line-99");
    expect(shell.text()).not.toContain("[line-");
  },
);

test("a paste that began before the child, which has read the end of it, ends all the same", async () => {
  const home = makeHome();
  const shell = openScreen(process.execPath, [program], { cwd: home.folder, env: { TSM_HOME: home.path } });
  await shell.waitFor(`${prompt}`);
  shell.type("!echo ready; cat > /dev/null; echo gone\r\x1b[200~echo first ");
  await shell.waitFor(/^ready$/m);
  shell.type("half\r\x1b[201~\x04\x04");
  await shell.waitFor((screen) => screen.rows().at(-1) === `${prompt} echo first`);
  shell.type("two\r");
  await shell.waitFor(/\[first\]\n\[two\]|\[first two\]/);
});
