import { expect, test } from "vitest";
import { noStyles } from "../../../src/repl/editor/styles.ts";
import { noticeLines } from "../../../src/repl/notice-lines.ts";
import { lookFor } from "../../../src/view/look.ts";

const crash = { at: 0, kind: "bad", text: "api (#0) crashed: killed by SIGKILL", words: "boom and more" } as const;

test.for([
  { plain: true, columns: 30, lines: ["Notice: api (#0) crashed:", "killed by SIGKILL. It said:", "boom and more"] },
  { plain: true, columns: 80, lines: ["Notice: api (#0) crashed: killed by SIGKILL. It said: boom and more"] },
  { plain: false, columns: 30, lines: ["✗ api (#0) crashed: killed by", "SIGKILL", "  boom and more"] },
])("rows of $columns columns end between words (plain: $plain)", ({ plain, columns, lines }) => {
  const place = { look: lookFor(plain, { LANG: "C.UTF-8" }), styles: noStyles, columns };
  expect(noticeLines([crash], 0, place).split("\n")).toEqual([...lines, ""]);
});
