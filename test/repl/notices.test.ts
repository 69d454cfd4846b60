import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { crashLine, crowd } from "../support/crowd.ts";
import { makeHome } from "../support/home.ts";
import { atPrompt, openShell } from "../support/shell.ts";
import { until } from "../support/until.ts";

test("a thousand crashes a second for four seconds: no line is harmed, and few are told", async () => {
  const home = makeHome();
  await crowd(home, 300);
  const shell = await openShell(home, { rows: 24 });
  shell.key("ctrl-l");
  await shell.waitFor((seen) => seen.rows().length === 1 && atPrompt(seen));
  const journal = join(home.path, `db/events/${new Date().toISOString().slice(0, 10)}.jsonl`);
  // Also over what is wider than a cell, and over a line that wraps.
  const typed = Array.from("typed 世界 é while they crash, ".repeat(6).slice(0, 150));
  const begun = performance.now();
  let crashes = 0;
  let at = 0;
  await new Promise<void>((done) => {
    const beat = setInterval(() => {
      appendFileSync(journal, Array.from({ length: 50 }, () => crashLine(crashes++ % 300)).join(""));
      shell.type(typed.slice(at, at + 2).join(""));
      at += 2;
      if (crashes < 4000) return;
      clearInterval(beat);
      done();
    }, 50);
  });
  expect(at).toBeGreaterThanOrEqual(typed.length);
  const line = typed.join("");
  const prompt = "tsm 300● › ";
  // Once the storm has been told, one more crash is told by itself; what is typed then is painted after all of it.
  await until("a last crash is told", () => {
    appendFileSync(journal, crashLine(299).replace('"code":3', '"code":77'));
    return /✗ p299 .*exit code 77/.test(shell.text());
  });
  shell.type("!");
  await shell.waitFor((seen) => seen.text().endsWith(`${prompt}${line}!`));
  const lines = shell.text().slice(0, -`${prompt}${line}!`.length).trimEnd().split("\n");
  const told = /^✗ p\d+ \(#\d+\) crashed( \d+ times, last)?: exit code \d+; it is started again$/;
  expect(lines.filter((each) => !told.test(each) && !/^ {2}and \d+ more: \/notices$/.test(each))).toEqual([]);
  // Once a second, four and how many more.
  expect(lines.length).toBeLessThanOrEqual(5 * ((performance.now() - begun) / 1000 + 1));
  shell.key("ctrl-u");
  await shell.waitFor(atPrompt);
});

test("a crash is told above an open menu, which goes on", async () => {
  const home = makeHome();
  await crowd(home, 3);
  const shell = await openShell(home, { rows: 24 });
  shell.key("ctrl-l");
  await shell.waitFor((seen) => seen.rows().length === 1 && atPrompt(seen));
  shell.type("restart \t");
  await shell.waitFor(/^› p0 +#0 online/m);
  shell.key("down");
  await shell.waitFor(/^› p1 /m);
  const journal = join(home.path, `db/events/${new Date().toISOString().slice(0, 10)}.jsonl`);
  appendFileSync(journal, crashLine(2));
  await shell.waitFor(/^✗ p2 \(#2\) crashed: exit code 3; .*\ntsm 3● › restart\n {2}p0 .*\n› p1 .*\n {2}p2 /);
  shell.key("down", "enter");
  await shell.waitFor((seen) => seen.rows().at(-1) === "tsm 3● › restart p2");
});

test("a crash waits until a picker has been answered", async () => {
  const home = makeHome();
  await crowd(home, 3);
  const shell = await openShell(home);
  shell.type("info p\r");
  await shell.waitFor(/❯.*p0/);
  const journal = join(home.path, `db/events/${new Date().toISOString().slice(0, 10)}.jsonl`);
  // Another shell, where nothing is asked, tells when it would be told here.
  const other = await openShell(home);
  // It listens behind its first prompt: so, surely, when it has taken a key.
  other.type("z");
  await other.waitFor(/› z$/);
  appendFileSync(journal, crashLine(2));
  await other.waitFor("✗ p2");
  shell.key("down");
  await shell.waitFor(/❯.*p1/);
  expect(shell.text()).not.toContain("✗ p2");
  shell.key("enter");
  await shell.waitFor((seen) => seen.text().includes("✗ p2 (#2) crashed") && atPrompt(seen));
  expect(shell.text().indexOf("✗ p2")).toBeGreaterThan(shell.text().lastIndexOf("p1"));
});
