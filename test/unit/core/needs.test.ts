import { describe, expect, test } from "vitest";
import { among, circlesIn, eachInOrder, type Needs, reversed } from "../../../src/core/needs.ts";

const needs = (text: string): Needs =>
  new Map(
    text.split(" ").map((word) => {
      const [name = "", all = ""] = word.split(":");
      return [name, all.split(",").filter((each) => each !== "")];
    }),
  );

/** What began and ended, in order; nothing ends before all that could begin has begun. */
async function told(of: Needs): Promise<string[]> {
  const lines: string[] = [];
  const open: { name: string; end: () => void }[] = [];
  const done = eachInOrder(of, (name) => {
    lines.push(`+${name}`);
    return new Promise<void>((resolve) => open.push({ name, end: resolve }));
  });
  for (let ended = 0; ended < of.size; ended += 1) {
    await new Promise(setImmediate);
    const next = open.shift();
    lines.push(`-${next?.name}`);
    next?.end();
  }
  await done;
  return lines;
}

describe("each in order", () => {
  test.for([
    { of: "a b c", told: "+a +b +c -a -b -c", because: "all at once where nothing says otherwise" },
    { of: "web:api api:db db", told: "+db -db +api -api +web -web", because: "a chain one by one" },
    { of: "a:c b:c c d", told: "+c +d -c +a +b -d -a -b", because: "two that need one begin side by side" },
    { of: "a:x,b b", told: "+b -b +a -a", because: "what is not among them is there already" },
    { of: "a:b b:a", told: "+b -b +a -a", because: "a circle is opened somewhere" },
    { of: "a:a", told: "+a -a", because: "nobody waits for himself" },
  ])("$of: $because", async ({ of, told: expected }) => {
    expect((await told(needs(of))).join(" ")).toBe(expected);
  });

  test("what throws does not keep the others, and is thrown in the end", async () => {
    const seen: string[] = [];
    const act = async (name: string, before: readonly string[]) => {
      seen.push(`${name}(${before.join()})`);
      if (name === "db") throw new Error("no db");
      return name;
    };
    await expect(eachInOrder(needs("api:db,cache db cache"), act)).rejects.toThrow("no db");
    await new Promise(setImmediate);
    expect(seen.sort()).toEqual(["api(cache)", "cache()", "db()"]);
  });
});

test.for([
  { of: "a:b b", circles: [] },
  { of: "a:b b:c c:b", circles: ["b c b"] },
  { of: "a:a", circles: ["a a"] },
  { of: "a:b b:a c:d d:c", circles: ["a b a", "c d c"] },
])("circles in $of: $circles", ({ of, circles }) => {
  expect(circlesIn(needs(of)).map((circle) => circle.join(" "))).toEqual(circles);
});

test("the other way round, and among some", () => {
  expect(reversed(needs("web:api api:db,cache db cache"))).toEqual(needs("web api:web db:api cache:api"));
  expect(among(needs("web:api api:db db x:web"), ["db", "web"])).toEqual(needs("db web:db"));
  expect(among(needs("a:b b:a"), ["a"])).toEqual(needs("a"));
});
