import { expect, test } from "vitest";
import { lookFor, wantsPlain } from "../../../src/view/look.ts";
import { displayWidth } from "../../../src/view/width.ts";

test.for([
  { env: {}, ascii: false, because: "containers name no locale, and their terminals know UTF-8" },
  { env: { LANG: "de_DE.UTF-8" }, ascii: false, because: "it is UTF-8" },
  { env: { LC_CTYPE: "UTF-8" }, ascii: false, because: "so macOS calls it" },
  { env: { LANG: "C.utf8" }, ascii: false, because: "so musl and glibc do" },
  { env: { LC_ALL: "C", LANG: "de_DE.UTF-8" }, ascii: true, because: "LC_ALL is the strongest" },
  { env: { LC_ALL: "", LANG: "POSIX" }, ascii: true, because: "an empty variable says nothing" },
  { env: { LANG: "de_DE" }, ascii: true, because: "this is Latin-1" },
])("$env: ASCII alone $ascii, $because", ({ env, ascii }) => {
  const look = lookFor(false, env);
  expect(look.fit("│ api… │")).toBe(ascii ? "| api... |" : "│ api… │");
  expect(displayWidth(look.cut)).toBe(1);
});

test("names and what others wrote keep their letters", () => {
  const look = lookFor(false, { LC_ALL: "C" });
  expect(look.fit("Zürich 世界 → ●")).toBe("Zürich 世界 -> *");
});

test("words have no pictures and no sequences in them", () => {
  const look = lookFor(true, { LANG: "C.UTF-8" });
  expect(look.plain).toBe(true);
  expect(look.fit("🔴 Port 3000 is \u001b[31malready\u001b[0m in use!\n   • ⚠️  stop it")).toBe(
    "Port 3000 is already in use!\n   * stop it",
  );
});

test.for([
  { setting: "off", env: {}, is: false },
  { setting: "on", env: {}, is: true },
  { setting: "off", env: { TSM_PLAIN: "1" }, is: true },
  { setting: "on", env: { TSM_PLAIN: "0" }, is: false },
  { setting: "off", env: { TSM_PLAIN: "0", TERM: "dumb" }, is: true },
] as const)("setting $setting with $env: plain $is", ({ setting, env, is }) => {
  expect(wantsPlain(setting, env)).toBe(is);
});
