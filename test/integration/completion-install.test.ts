import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { type Home, makeHome } from "../support/home.ts";
import { program, tsm, tsmJson } from "../support/tsm.ts";

const install = (home: Home, args: readonly string[], env: Record<string, string> = {}) =>
  tsm(home, ["completion", "install", ...args], { env: { HOME: home.folder, ...env } });

test("the line is added once to what the shell reads, below what is there", async () => {
  const home = makeHome();
  const file = join(home.folder, process.platform === "darwin" ? ".bash_profile" : ".bashrc");
  writeFileSync(file, "export MINE=1 # no end of line", { mode: 0o640 });
  const dry = await install(home, ["bash", "--dry-run"]);
  expect(dry.stdout).toContain(`tsm: this line would be added to ${file}:\n`);
  expect(readFileSync(file, "utf8")).toBe("export MINE=1 # no end of line");

  expect((await install(home, [], { SHELL: "/usr/bin/bash" })).stdout).toContain(`this line was added to ${file}:`);
  const written = readFileSync(file, "utf8");
  expect(written.split("\n")).toEqual([
    "export MINE=1 # no end of line",
    'command -v tsm >/dev/null && eval "$(tsm completion bash)"',
    "",
  ]);
  expect(statSync(file).mode & 0o777).toBe(0o640);
  expect((await install(home, ["bash"])).stdout).toBe(`tsm: ${file} asks for it already; nothing was written\n`);
  expect(readFileSync(file, "utf8")).toBe(written);
});

test("a bash that reads the file completes tsm, and one without tsm opens all the same", async () => {
  const home = makeHome();
  const bin = join(home.folder, "bin");
  mkdirSync(bin);
  symlinkSync(program, join(bin, "tsm"));
  await install(home, ["bash"]);
  const file = join(home.folder, process.platform === "darwin" ? ".bash_profile" : ".bashrc");
  const read = (path: string) =>
    execFileSync("/bin/bash", ["--norc", "-c", `. '${file}'; complete -p tsm 2>&1; echo "opened $?"`], {
      encoding: "utf8",
      env: { PATH: path, HOME: home.folder, TSM_HOME: home.path },
    });
  expect(read(`${bin}:${dirname(process.execPath)}:/usr/bin:/bin`)).toBe("complete -F _tsm tsm\nopened 0\n");
  expect(read("/usr/bin:/bin")).toMatch(/no completion specification\nopened 1\n$/);
});

test("zsh and fish have files of their own, and a line of somebody's own hand counts", async () => {
  const home = makeHome();
  const dot = join(home.folder, "dot");
  mkdirSync(dot);
  expect((await install(home, ["zsh"], { ZDOTDIR: dot })).code).toBe(0);
  expect(readFileSync(join(dot, ".zshrc"), "utf8")).toContain("tsm completion zsh");
  const env = { HOME: home.folder, XDG_CONFIG_HOME: join(home.folder, "config") };
  const fish = await tsmJson(home, ["completion", "install", "fish"], { env });
  const file = join(home.folder, "config/fish/completions/tsm.fish");
  expect(fish).toMatchObject({ shell: "fish", file, state: "written" });
  expect(readFileSync(file, "utf8")).toBe("command -q tsm; and tsm completion fish | source\n");
  writeFileSync(join(home.folder, ".zshrc"), "# tsm completion zsh\nsource <(tsm completion zsh)\n");
  expect((await install(home, ["zsh"], { ZDOTDIR: "" })).stdout).toContain("asks for it already");
});

test("a shell that nobody knows, and a file that cannot be written, are said", async () => {
  const home = makeHome();
  expect(await install(home, [], { SHELL: "/bin/dash" })).toMatchObject({
    code: 64,
    stderr: expect.stringContaining("tsm completion install bash|zsh|fish"),
  });
  expect(await install(home, ["tcsh"])).toMatchObject({ code: 64, stdout: "" });
  mkdirSync(join(home.folder, ".zshrc"));
  const refused = await install(home, ["zsh"], { ZDOTDIR: "" });
  expect(refused).toMatchObject({ code: 1, stdout: "" });
  expect(refused.stderr).toContain(`${join(home.folder, ".zshrc")} cannot be written (EISDIR)`);
});
