import { expect, test } from "vitest";
import { beginSearch, type Search, searchFor, searchNewer, searchOlder } from "../../../src/repl/editor/search.ts";

/** Oldest first. */
const lines = ["list", "logs api", "stop API", "logs api", "echo a.b", "restart Api"];

function typing(query: string): Search {
  let search = beginSearch(lines);
  for (const letter of query) search = searchFor(search, search.query + letter);
  return search;
}

test("the newest line that has it, whatever the case; a capital means itself", () => {
  expect(typing("api").found).toMatchObject({ entry: "restart Api", at: 8 });
  expect(typing("API").found).toMatchObject({ entry: "stop API", at: 5 });
});

test("older ones come once each, and the last stays when there is none", () => {
  const found: string[] = [];
  let search = typing("api");
  while (!search.failed) {
    found.push(search.found?.entry ?? "");
    search = searchOlder(search);
  }
  expect(found).toEqual(["restart Api", "logs api", "stop API"]);
  expect(search.found?.entry).toBe("stop API");
  // It may still have a longer query.
  expect(searchFor(search, "api").found?.entry).toBe("stop API");
});

test("a longer query goes on from where it is, a shorter one begins anew", () => {
  const older = searchOlder(typing("s"));
  expect(older.found?.entry).toBe("logs api");
  expect(searchFor(older, "st").found?.entry).toBe("stop API");
  expect(searchFor(searchFor(older, "st"), "s").found?.entry).toBe("restart Api");
});

test("what no line has is not looked for again with each letter", () => {
  const failed = typing("zq");
  expect(failed).toMatchObject({ failed: true, found: undefined });
  const asked: string[] = [];
  const watched = new Proxy(lines, { get: (_lines, key) => asked.push(String(key)) });
  const unread: Search = { ...failed, lines: watched };
  expect(searchFor(unread, "zqx").failed).toBe(true);
  expect(asked).toEqual([]);
  expect(searchFor(failed, "").failed).toBe(false);
});

test("signs are themselves, and the last place of a line counts", () => {
  expect(typing("a.b").found?.entry).toBe("echo a.b");
  expect(typing(".*").failed).toBe(true);
  expect(searchFor(beginSearch(["aaa"]), "aa").found?.at).toBe(1);
});

test("the line that was being typed is not found, in neither direction", () => {
  const search = searchFor(beginSearch(["stop api", "logs api", "stop api"], "stop api"), "api");
  expect(search.found?.entry).toBe("logs api");
  expect(searchOlder(search).failed).toBe(true);
  expect(searchNewer(search).failed).toBe(true);
  expect(searchFor(search, "").found).toBeUndefined();
  expect(searchFor(searchFor(search, ""), "stop").failed).toBe(true);
});
