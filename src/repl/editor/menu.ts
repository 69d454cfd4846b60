import { fullLook, type Look } from "../../view/look.ts";
import { clip, displayWidth, padEnd } from "../../view/width.ts";
import type { Action } from "./keymap.ts";
import type { Span } from "./painter.ts";
import type { Styles } from "./styles.ts";

/** What Tab found for the word at the cursor. */
export interface Completion {
  /** The part of the line that a choice takes the place of. */
  readonly from: number;
  readonly to: number;
  /** As far as all choices agree, typed as it has to be; undefined when that adds nothing. */
  readonly common: string | undefined;
  readonly choices: readonly Choice[];
}

export interface Choice {
  readonly label: string;
  readonly summary: string;
  /** What goes on the line, quoted as needed, with the blank that follows it. */
  readonly insert: string;
}

/** The open menu. */
export interface Menu {
  readonly completion: Completion;
  readonly index: number;
}

const mostRows = 10;

/** How many choices a page holds on a screen with so many rows left. */
export function pageSize(rowsLeft: number, choices: number): number {
  const most = Math.max(1, Math.min(mostRows, rowsLeft));
  return choices <= most ? most : Math.max(1, most - 1);
}

/** Where a key leads in the menu; undefined when it means something else there. */
export function walkIn(menu: Menu, action: Action, page: number): Menu | undefined {
  switch (action) {
    case "complete":
    case "down":
    case "right":
    case "historyNewer":
      return moveIn(menu, 1);
    case "completeBack":
    case "up":
    case "left":
    case "historyOlder":
      return moveIn(menu, -1);
    case "pageDown":
      return pageIn(menu, page);
    case "pageUp":
      return pageIn(menu, -page);
    default:
      return undefined;
  }
}

function moveIn(menu: Menu, by: number): Menu {
  const count = menu.completion.choices.length;
  return { ...menu, index: (((menu.index + by) % count) + count) % count };
}

/** A page on or back, stopping at the ends. */
function pageIn(menu: Menu, by: number): Menu {
  const last = menu.completion.choices.length - 1;
  return { ...menu, index: Math.max(0, Math.min(last, menu.index + by)) };
}

/** The page that holds the selected choice, a row for each, and how far along it is when there are more. */
export function menuLines(
  menu: Menu,
  columns: number,
  rowsLeft: number,
  styles: Styles,
  { cut, fit }: Look = fullLook,
): Span[][] {
  const { choices } = menu.completion;
  const size = pageSize(rowsLeft, choices.length);
  const first = menu.index - (menu.index % size);
  const page = choices
    .slice(first, first + size)
    .map(({ label, summary }) => ({ label: fit(label), summary: fit(summary) }));
  const widest = Math.max(...page.map((choice) => displayWidth(choice.label)));
  const labelColumns = Math.min(widest, Math.max(8, Math.floor(columns * 0.6)));
  // The mark before the label, the blanks behind it, and the last column, which stays free.
  const room = Math.max(0, columns - labelColumns - 5);
  const lines = page.map((choice, row): Span[] => {
    const label = padEnd(clip(choice.label, labelColumns, cut), labelColumns);
    const selected = first + row === menu.index;
    return [
      { text: selected ? fit("› ") : "  ", style: styles.accent },
      { text: label, style: selected ? styles.selected : undefined },
      {
        text: choice.summary === "" ? "" : `  ${clip(choice.summary, room, cut)}`,
        style: selected ? undefined : styles.faint,
      },
    ];
  });
  if (choices.length > size) {
    lines.push([{ text: fit(`  ${first + 1}–${first + page.length} of ${choices.length}`), style: styles.faint }]);
  }
  return lines;
}
