/** A number that a fault test counted, for whoever reads its run. */
export function report(figure: string): void {
  process.stdout.write(`      ${figure}\n`);
}

/** How often a fault is tried: few times in `npm test`, often in `npm run faults`. */
export function times(short: number, long: number): number {
  return process.env["TSM_FAULTS"] === "long" ? long : short;
}

/** For what runs dozens of verbs one after the other: on a machine that is busy with others each takes seconds. */
export const busyMs = times(180_000, 900_000);
