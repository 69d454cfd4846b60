import { expect, test } from "vitest";
import { bytes } from "../../../src/view/bytes.ts";

test.for([
  [-1, "0 B"],
  [0, "0 B"],
  [999, "999 B"],
  [1000, "1.0 kB"],
  [12_345_678, "12.3 MB"],
  [99_949_999, "99.9 MB"],
  [99_960_000, "100 MB"],
  [999_499_999, "999 MB"],
  [999_500_000, "1.0 GB"],
  [1.5e12, "1.5 TB"],
  [5e18, "5000 PB"],
] as const)("%i bytes are %s", ([count, shown]) => {
  expect(bytes(count)).toBe(shown);
});
