import type { Remark } from "../core/imported-app.ts";

/** Collects what could not be carried while a file is read. */
export interface Remarks {
  readonly all: readonly Remark[];
  lost(place: Place, attribute: string, what: string): void;
  changed(place: Place, attribute: string, what: string): void;
}

/** Of which app, and where it stands. */
export interface Place {
  readonly app: string | null;
  readonly line: number | null;
}

export const wholeFile: Place = { app: null, line: null };

export function collectRemarks(): Remarks {
  const all: Remark[] = [];
  return {
    all,
    lost: ({ app, line }, attribute, what) => all.push({ app, line, attribute, kind: "lost", what }),
    changed: ({ app, line }, attribute, what) => all.push({ app, line, attribute, kind: "changed", what }),
  };
}
