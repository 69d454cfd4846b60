import { expect, test } from "vitest";
import { exportPorts, parsePorts, portFormats } from "../../../src/core/port-exchange.ts";

const promised = [
  { name: "web", port: 3000 },
  { name: "my_api", port: 3001 },
  { name: "my-api", port: 3002 },
  { name: "Web", port: 3003 },
  { name: "API_PORT", port: 3004 },
  { name: "a b", port: 3005 },
  { name: 'q"u\\o', port: 3006 },
  { name: "v1.2", port: 3007 },
  { name: "über", port: 3008 },
  { name: "1st", port: 3009 },
  { name: "ports", port: 65_535 },
];

test.for(portFormats)("what is written as %s comes back without loss", (format) => {
  expect(parsePorts(exportPorts(promised, format), "file")).toEqual(promised);
  expect(parsePorts(`${exportPorts(promised, format)}\n`, "file")).toEqual(promised);
  expect(parsePorts(exportPorts([], format), "file")).toEqual([]);
});

test("no two names make one variable", () => {
  const variables = exportPorts(promised, "env")
    .split("\n")
    .filter((line) => !line.startsWith("#"))
    .map((line) => line.split("=")[0]);
  expect(new Set(variables).size).toBe(promised.length);
});

test("tables of the original's ports.toml that hold no ports are left alone", () => {
  const text = '[ports]\ndevpages = 4000 # here\n\n[port_ranges]\ndevelopment = "3000-3999"\n[reserved]\nssh = "22"\n';
  expect(parsePorts(text, "ports.toml")).toEqual([{ name: "devpages", port: 4000 }]);
});

test.for(["web", "web:", "web=0", "web=65536", "=3000", '{"web": "no"}', "{", "web=3000; touch pwned"])(
  "%j is refused",
  (text) => {
    expect(() => parsePorts(text, "file")).toThrow(/^file:/);
  },
);
