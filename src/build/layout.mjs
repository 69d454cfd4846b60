// @ts-check
import { dirname, join } from "node:path";

/** The clone that this file belongs to. */
export const root = dirname(dirname(import.meta.dirname));
export const dist = join(root, "dist");
/** What people run. */
export const program = join(dist, "tsm.js");
