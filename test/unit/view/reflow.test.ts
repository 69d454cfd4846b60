import { expect, test } from "vitest";
import { reflowsIn } from "../../../src/view/reflow.ts";

test.for([
  { env: {}, reflows: true, because: "nearly every terminal does" },
  { env: { TERM: "xterm-256color" }, reflows: true, because: "many call themselves so" },
  { env: { TERM: "xterm-256color", XTERM_VERSION: "XTerm(390)" }, reflows: false, because: "xterm itself" },
  { env: { TERM: "xterm-kitty", XTERM_VERSION: "XTerm(390)" }, reflows: true, because: "one that xterm started" },
  {
    env: { TERM: "xterm-256color", XTERM_VERSION: "XTerm(390)", VTE_VERSION: "7600" },
    reflows: true,
    because: "another",
  },
  { env: { TERM: "xterm", TERM_PROGRAM: "vscode" }, reflows: false, because: "not the line with the cursor" },
  { env: { TERM: "st-256color" }, reflows: false, because: "st" },
  { env: { TERM: "linux" }, reflows: false, because: "the console" },
  { env: { TERM: "screen.xterm-256color", STY: "1.pts-0.host" }, reflows: false, because: "GNU screen" },
  {
    env: { TERM: "tmux-256color", TMUX: "x", XTERM_VERSION: "XTerm(390)" },
    reflows: true,
    because: "tmux does, wherever",
  },
  {
    env: { TERM: "screen-256color", TMUX: "x", TERM_PROGRAM: "tmux" },
    reflows: true,
    because: "tmux calls itself so too",
  },
])("$env wraps anew: $reflows ($because)", ({ env, reflows }) => {
  expect(reflowsIn(env)).toBe(reflows);
});
