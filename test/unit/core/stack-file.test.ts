import { expect, test } from "vitest";
import { parseStack } from "../../../src/core/stack-file.ts";

test.for([
  { text: "", lines: [] },
  { text: "# only\n\n   \n\t# a comment\n", lines: [] },
  { text: "tetra/db\napi\n", lines: ["1 tetra/db", "2 api"] },
  { text: "\n  db  \r\n# x\r\napi # behind it\r\n", lines: ["2 db", "4 api"] },
  { text: "\uFEFFdb", lines: ["1 db"] },
  { text: "db#1\n", lines: ["1 db#1"] },
  { text: "two words\n", lines: ["1 two words"] },
])("$text says $lines", ({ text, lines }) => {
  expect(parseStack(text).map((each) => `${each.line} ${each.text}`)).toEqual(lines);
});
