/** Who has not ended so long after Ctrl-C has something to finish; nobody notices that this is waited for. */
export const finishingMs = 200;

/** What a person is told then. */
export function finishing(verb: string): string {
  return `tsm: ${verb} is being finished; Ctrl-C again leaves it behind\n`;
}
