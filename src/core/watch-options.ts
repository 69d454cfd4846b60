/** How files are watched: what people know as chokidar's options. */
export interface WatchOptions {
  /** Also what links lead to. */
  readonly followSymlinks: boolean;
  /** Look at the files so often instead of waiting for the system's events; null: events. */
  readonly pollMs: number | null;
  /** So many folders down; null: all the way. */
  readonly depth: number | null;
  /** A file counts as written when it has not grown for so long; null: at once. */
  readonly settledMs: number | null;
}

export const plainWatch: WatchOptions = { followSymlinks: false, pollMs: null, depth: null, settledMs: null };

/** From policy.json; what is missing or makes no sense is as it would be by default. */
export function readWatchOptions(value: unknown): WatchOptions {
  const fields = new Map<string, unknown>(typeof value === "object" && value !== null ? Object.entries(value) : []);
  const number = (key: string, least: number): number | null => {
    const found = fields.get(key);
    return typeof found === "number" && Number.isFinite(found) && found >= least ? found : null;
  };
  return {
    followSymlinks: fields.get("followSymlinks") === true,
    pollMs: number("pollMs", 10),
    depth: number("depth", 0),
    settledMs: number("settledMs", 0),
  };
}
