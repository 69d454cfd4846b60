/** Colours by meaning. On anything but a terminal each of them returns its text unchanged. */
export interface Paint {
  /** Names, headings. */
  strong(text: string): string;
  /** What may be overlooked. */
  faint(text: string): string;
  good(text: string): string;
  bad(text: string): string;
  warn(text: string): string;
  accent(text: string): string;
  /** The n-th of a few distinct hues: log prefixes of several processes. */
  hue(n: number, text: string): string;
}

const same = (text: string): string => text;

export const plain: Paint = {
  strong: same,
  faint: same,
  good: same,
  bad: same,
  warn: same,
  accent: same,
  hue: (_n, text) => text,
};

/** What a person wants of colour: `NO_COLOR` and a dumb terminal have none unless the setting says always. */
export async function paintFor(
  wanted: "auto" | "always" | "never",
  terminal: boolean,
  env: Readonly<Record<string, string | undefined>>,
): Promise<Paint> {
  const coloured = wanted === "always" || (wanted === "auto" && terminal && !env["NO_COLOR"] && env["TERM"] !== "dumb");
  return coloured ? await terminalPaint() : plain;
}

/** Colours for a terminal. chalk is loaded here and only here: a pipe never pays for it. */
async function terminalPaint(): Promise<Paint> {
  const { Chalk } = await import("chalk");
  const chalk = new Chalk({ level: 1 });
  const hues = [chalk.cyan, chalk.magenta, chalk.blue, chalk.yellow, chalk.green];
  return {
    strong: (text) => chalk.bold(text),
    faint: (text) => chalk.dim(text),
    good: (text) => chalk.green(text),
    bad: (text) => chalk.red(text),
    warn: (text) => chalk.yellow(text),
    accent: (text) => chalk.cyan(text),
    hue: (n, text) => (hues[n % hues.length] ?? chalk.cyan)(text),
  };
}
