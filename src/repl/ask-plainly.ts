import type { Ask } from "../command/define.ts";

/** Questions where no picker can be painted: each is answered with a line. */
export function askPlainly(print: (text: string) => void, ask: (question: string) => Promise<string | undefined>): Ask {
  return {
    confirm: async (question) => /^\s*y(es)?\s*$/i.test((await ask(`${question} (y/N) `)) ?? ""),
    async pick(question, choices) {
      print([question, ...choices.map(({ label }, index) => `${index + 1}) ${label}`), ""].join("\n"));
      for (;;) {
        const answer = (await ask("The number, or Enter for none: "))?.trim() ?? "";
        const chosen = /^\d+$/.test(answer) ? choices[Number(answer) - 1] : undefined;
        if (answer === "" || chosen !== undefined) return chosen?.value;
        print(`'${answer}' is not a number from 1 to ${choices.length}\n`);
      }
    },
    goOn: async (question) => (await ask(`${question} (Enter, or q to leave) `))?.trim() === "",
  };
}
