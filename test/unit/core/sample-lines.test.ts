import { expect, test } from "vitest";
import { namesLine, type Sample, sampleLine, samplesIn } from "../../../src/core/sample-lines.ts";

const read = (text: string, since = 0, wanted?: string): Sample[] => [...samplesIn(text, since, wanted)];
const names = namesLine([
  [0, "api"],
  [12, 'a "name"\\ with blanks'],
]);
const line = sampleLine(1000, [
  { id: 0, cpu: 12.34, memory: 40 * 1024 },
  { id: 12, cpu: 0, memory: 7 * 1024 },
]);
const both: Sample[] = [
  { at: 1000, name: "api", cpu: 12.3, memory: 40 * 1024 },
  { at: 1000, name: 'a "name"\\ with blanks', cpu: 0, memory: 7 * 1024 },
];

test("what is written is read", () => {
  expect(line).toBe("1000 0:123:40 12::7 ;");
  expect(read(`${names}\n${line}\n`)).toEqual(both);
});

test("of one process alone, and from a time on", () => {
  expect(read(`${names}\n${line}\n`, 0, "api")).toEqual(both.slice(0, 1));
  expect(read(`${names}\n${line}\n${line.replace("1000", "1060")}\n`, 1001).map(({ at }) => at)).toEqual([1060, 1060]);
});

test("a line that was cut anywhere gives no sample, and takes none of the others along", () => {
  for (let length = 1; length < line.length; length++) {
    expect(read(`${names}\n${line.slice(0, length)}\n${line}\n`), line.slice(0, length)).toEqual(both);
    expect(read(`${names}\n${line}\n${line.slice(0, length)}`), line.slice(0, length)).toEqual(both);
  }
});

test("a line of names that was cut says nothing", () => {
  expect(read(`${names.slice(0, -3)}\n${line}\n`)).toEqual([]);
  expect(read(`${names.slice(0, -3)}\n${names}\n${line}\n`)).toEqual(both);
});

test("an id means who had it last", () => {
  const later = `${namesLine([[0, "web"]])}\n${line.replace("1000", "1060")}`;
  expect(read(`${names}\n${line}\n\n${later}\n`).map(({ name }) => name)).toEqual([
    ...both.map(({ name }) => name),
    "web",
    'a "name"\\ with blanks',
  ]);
});

test.for([
  "names []",
  "names 7",
  'names {"0": {}}',
  "\u0000\u0001\u0002",
  "1000 ;",
  "x 0:1:1 ;",
  "1000 0 ;",
  "1000 7:1:1 ;",
  "1000 0:x:y ;",
  "-5 0:1:1 ;",
])("%j is no sample", (rubbish) => {
  expect(read(`${rubbish}\n${names}\n${line}\n`)).toEqual(both);
  expect(read(`${names}\n${rubbish}\n`).filter(({ memory }) => memory > 0)).toEqual([]);
});
