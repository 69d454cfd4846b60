import type { Completion } from "./editor/menu.ts";

/** Of a list longer than this the rest is a number. */
const mostListed = 40;

/** A numbered line for each, and how one is taken. */
export function numberedChoices({ choices }: Completion): string {
  const lines = choices
    .slice(0, mostListed)
    .map(({ label, summary }, index) => `${index + 1}) ${label}${summary === "" ? "" : `, ${summary}`}`);
  if (choices.length > mostListed) lines.push(`and ${choices.length - mostListed} more: type on to narrow them`);
  return [...lines, "A number and Tab takes one, or type on.", ""].join("\n");
}
