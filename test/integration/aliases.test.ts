import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { makeHome } from "../support/home.ts";
import { tsm, tsmJson } from "../support/tsm.ts";

/* Names and keys of a person's own, on the command line. */

test("an alias is kept in the settings, shown as it is typed, run, completed, explained and taken away", async () => {
  const home = makeHome();
  expect(await tsm(home, ["alias"])).toMatchObject({
    code: 0,
    stdout: "tsm: there is no alias; alias k=kill makes one\n",
  });
  expect(await tsm(home, ["alias", "lc=list crashed"])).toMatchObject({
    code: 0,
    stdout: "tsm: lc is now 'list crashed'\n",
  });
  expect(await tsm(home, ["alias", "say=config set prompt 'my tsm'"])).toMatchObject({ code: 0 });
  const settings = join(home.path, "config/settings.json");
  expect(JSON.parse(readFileSync(settings, "utf8"))).toEqual({
    aliases: { lc: "list crashed", say: "config set prompt 'my tsm'" },
  });
  expect(statSync(settings).mode & 0o777).toBe(0o600);
  expect((await tsm(home, ["alias"])).stdout).toBe(`lc='list crashed'\nsay='config set prompt '"'"'my tsm'"'"''\n`);
  expect(await tsm(home, ["alias", "lc"])).toMatchObject({ stdout: "lc='list crashed'\n" });
  expect(await tsmJson(home, ["lc"])).toEqual([]);
  expect(await tsm(home, ["say"])).toMatchObject({ code: 0, stdout: "tsm: prompt is now my tsm\n" });
  expect((await tsm(home, ["lc", "--help"])).stdout).toContain("tsm list [flags]");
  expect((await tsm(home, ["help", "lc"])).stdout).toMatch(/^lc is an alias of list crashed\n\ntsm list /);
  expect((await tsm(home, ["help"])).stdout).toMatch(/^Aliases\n {2}lc {22}list crashed$/m);
  expect((await tsm(home, ["completion", "words", "--", "lc"])).stdout).toBe("lc\talias of list crashed\n");
  expect((await tsm(home, ["completion", "words", "--", "lc", "--so"])).stdout).toMatch(/^--sort\t/);
  expect(await tsm(home, ["sya"])).toMatchObject({ code: 64, stderr: expect.stringContaining("Did you mean 'say'?") });
  expect(await tsm(home, ["unalias", "lc", "say"])).toMatchObject({ code: 0 });
  expect(await tsm(home, ["lc"])).toMatchObject({ code: 64 });
});

test("what stands unquoted behind an alias is told to be quoted; a slip in a setting's name or in search is shown", async () => {
  const home = makeHome();
  const hint = async (...words: string[]) => (await tsm(home, words)).stderr;
  expect(await hint("alias", "ll=list", "--sort", "mem")).toContain("Quote all that it stands for: alias lc='list");
  expect(await hint("alias", "ll=list", "crashed")).toContain("Quote all that it stands for: alias lc='list");
  expect(await hint("set", "thme", "dark")).toContain("Did you mean 'theme'?");
  expect(await hint("set", "thme")).toContain("Did you mean 'theme'?");
  expect(await hint("help", "serch", "memory")).toContain("Did you mean 'search'?");
});

test("an error of an alias run with --json is JSON, wherever the flag comes from", async () => {
  const home = makeHome();
  await tsm(home, ["alias", "ij=info --json"]);
  const { code, stderr } = await tsm(home, ["ij", "nobody"]);
  expect(code).toBe(1);
  expect(JSON.parse(stderr)).toMatchObject({ error: { code: "NOT_FOUND" } });
});

test("an alias may be another word for a verb, and then goes before it", async () => {
  const home = makeHome();
  expect((await tsm(home, ["alias", "l=logs --lines 5"])).stdout).toBe("tsm: l is now 'logs --lines 5'\n");
  expect(await tsm(home, ["l", "nobody"])).toMatchObject({ code: 1, stderr: expect.stringContaining("'nobody'") });
  expect((await tsm(home, ["help", "l"])).stdout).toMatch(/^l is an alias of logs --lines 5$/m);
  expect((await tsm(home, ["ls"])).code).toBe(0);
  await tsm(home, ["unalias", "l"]);
  expect((await tsm(home, ["l"])).code).toBe(0);
});

test.for([
  { words: ["alias", "nosuch"], code: 1, says: "there is no alias 'nosuch'" },
  { words: ["unalias", "k", "nosuch"], code: 1, says: "there is no alias 'nosuch'" },
  { words: ["alias", "list=kill"], code: 64, says: "'list' is a command already, and an alias cannot hide one" },
  { words: ["alias", "kk=k"], code: 64, says: "the alias 'kk' stands for 'k', which is not a command" },
  { words: ["alias", "k=k"], code: 64, says: "the alias 'k' stands for 'k', which is not a command" },
  { words: ["alias", "x=list | less"], code: 64, says: "'list | less' is more than one command" },
  { words: ["alias", "x=stop * --yes"], code: 64, says: "the alias 'x' would answer a question before it is asked" },
  { words: ["alias", "x="], code: 64, says: "'x' would stand for nothing" },
  { words: ["alias", "=list"], code: 64, says: "the settings cannot hold ''" },
  { words: ["alias", "a b=list"], code: 64, says: "the settings cannot hold 'a b'" },
  { words: ["alias", "/x=list"], code: 64, says: "the settings cannot hold '/x'" },
  { words: ["alias", "__proto__=list"], code: 64, says: "the settings cannot hold '__proto__'" },
  { words: ["alias", "x=list", "crashed"], code: 64, says: "alias does not know what to do with 'crashed'" },
  {
    words: ["bind", "ctrl-t", "transpose-char"],
    code: 64,
    says: "'transpose-char' is neither an action nor a command",
  },
  { words: ["bind", "ctrl-t", "lisst all"], code: 64, says: "'lisst' is neither an action nor a command" },
  { words: ["bind", "crtl-t", "list"], code: 64, says: "there is no key 'crtl-t'" },
  { words: ["bind", "q", "list"], code: 64, says: "'q' types itself" },
  { words: ["bind", "enter", "list"], code: 64, says: "enter keeps its meaning" },
  { words: ["bind", "ctrl-m", "list"], code: 64, says: "enter keeps its meaning" },
  { words: ["bind", "ctrl-c", "ignore"], code: 64, says: "ctrl-c keeps its meaning" },
  { words: ["bind", "ctrl-d", "list"], code: 64, says: "ctrl-d keeps its meaning" },
  { words: ["bind", "--reset"], code: 64, says: "--reset takes a key and nothing more" },
  { words: ["set", "nosuch", "1"], code: 64, says: "there is no setting 'nosuch'" },
  { words: ["set", "editing-mode", "vim"], code: 64, says: "'vim' is not a value for editingMode" },
  { words: ["set", "aliases", "x"], code: 64, says: "there is no setting 'aliases'" },
])("$words is refused: $says", async ({ words, code, says }) => {
  const home = makeHome();
  await tsm(home, ["alias", "k=kill"]);
  const refused = await tsm(home, words);
  expect(refused).toMatchObject({ code, stdout: "", stderr: expect.stringContaining(`tsm: ${says}`) });
  expect(JSON.parse(readFileSync(join(home.path, "config/settings.json"), "utf8"))).toEqual({ aliases: { k: "kill" } });
});

test("set is config set in a word, and alone what config shows", async () => {
  const home = makeHome();
  expect(await tsm(home, ["set", "lines", "7"])).toMatchObject({ code: 0, stdout: "tsm: lines is now 7\n" });
  expect(await tsm(home, ["set", "lines"])).toMatchObject({ code: 0, stdout: "7\n" });
  expect((await tsm(home, ["set"])).stdout).toBe((await tsm(home, ["config"])).stdout);
});

test("bind shows every key, what it does and whose it is, and keeps what is changed", async () => {
  const home = makeHome();
  const all = (await tsm(home, ["bind"])).stdout;
  expect(all).toMatch(/^ctrl-t +transpose-chars +tsm +Swap two characters$/m);
  expect(all).toMatch(/^enter +accept-line +tsm /m);
  expect(await tsm(home, ["bind", "Ctrl-T", "list crashed"])).toMatchObject({
    stdout: "tsm: ctrl-t is now 'list crashed'\n",
  });
  expect(await tsm(home, ["bind", "f5", "ignore"])).toMatchObject({ stdout: "tsm: f5 is now ignore\n" });
  expect(await tsm(home, ["bind", "alt-.", "!make"])).toMatchObject({ stdout: "tsm: alt-. is now '!make'\n" });
  expect((await tsm(home, ["bind"])).stdout).toMatch(/^ctrl-t +'list crashed' +you$/m);
  expect(await tsmJson(home, ["bind", "ctrl-t"])).toEqual([
    { key: "ctrl-t", does: null, runs: "list crashed", from: "you" },
  ]);
  expect(await tsm(home, ["bind", "ctrl-t", "--reset"])).toMatchObject({
    stdout: "tsm: ctrl-t is transpose-chars again\n",
  });
  expect(await tsm(home, ["unbind", "f5", "alt-."])).toMatchObject({
    stdout: "tsm: f5 does nothing again\ntsm: alt-. is yank-last-arg again\n",
  });
  expect(JSON.parse(readFileSync(join(home.path, "config/settings.json"), "utf8"))).toEqual({ keys: {} });
});

test("many at once lose nothing", async () => {
  const home = makeHome();
  const names = ["a", "b", "c", "d", "e", "f"];
  await Promise.all([
    ...names.map((name) => tsm(home, ["alias", `${name}x=list`])),
    tsm(home, ["set", "lines", "7"]),
    tsm(home, ["bind", "f5", "list"]),
  ]);
  expect(JSON.parse(readFileSync(join(home.path, "config/settings.json"), "utf8"))).toEqual({
    aliases: Object.fromEntries(names.map((name) => [`${name}x`, "list"])),
    lines: 7,
    keys: { f5: "list" },
  });
});

describe("a settings file that somebody wrote by hand", () => {
  const write = (path: string, value: unknown): void => {
    mkdirSync(join(path, "config"), { recursive: true });
    writeFileSync(join(path, "config/settings.json"), JSON.stringify(value));
  };

  test("is used as far as it is sound, and what is not is said", async () => {
    const home = makeHome();
    write(home.path, { aliases: { ok: "version", "not ok": "list", n: 5, loop: "loop", list: "version" }, keys: [] });
    const ran = await tsm(home, ["ok"]);
    expect(ran).toMatchObject({ code: 0, stdout: (await tsm(home, ["version"])).stdout });
    expect(ran.stderr).toContain("'aliases' has a value that is not allowed");
    expect(await tsm(home, ["loop"])).toMatchObject({
      code: 64,
      stderr: expect.stringContaining("the alias 'loop' stands for 'loop', which is not a command"),
    });
    // A verb is never hidden.
    expect(await tsmJson(home, ["list"])).toEqual([]);
    expect(await tsm(home, ["alias", "k=kill"])).toMatchObject({ code: 65 });
  });
});
