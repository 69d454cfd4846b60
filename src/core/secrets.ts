export const mask = "***MASKED***";

const secretName =
  /pass(word|wd|phrase)?$|password|passwd|secret|token|api_?key|access_?key|private_?key|_key$|^key$|credential|auth$|dsn$|webhook(_ur[il])?$/i;

/** Is a value under this name (of a variable or a flag) one that no screen shows? */
export function isSecretName(name: string): boolean {
  return secretName.test(name.replaceAll("-", "_"));
}

/** The value as a screen may show it: secrets masked, and passwords inside URLs. */
export function maskedValue(name: string, value: string): string {
  if (value !== "" && isSecretName(name)) return mask;
  return maskUrls(value);
}

/** An argument vector as a screen or `meta.json` may hold it: `--token x`, `--token=x`, `TOKEN=x` and URL passwords are masked. */
export function maskedArguments(argv: readonly string[]): string[] {
  return argv.map((word, index) => {
    const before = argv[index - 1];
    // A shell's line begins with an assignment and goes on; anywhere else all of the word is the value.
    if (before === "-c") return maskInside(word);
    const assignment = /^(-{0,2})([A-Za-z_][\w.-]*)=(.*)$/s.exec(word);
    if (assignment) {
      const [, dashes = "", name = "", value = ""] = assignment;
      return value !== "" && isSecretName(name) ? `${dashes}${name}=${mask}` : maskUrls(word);
    }
    const flag = before === undefined ? undefined : /^--?([A-Za-z][\w-]*)$/.exec(before);
    if (flag?.[1] !== undefined && isSecretName(flag[1]) && !word.startsWith("-")) return mask;
    return maskInside(word);
  });
}

/**
 * A line of a log as a screen may show it: assignments, flags, `name: value` and the fields of JSON under secret names,
 * URL passwords, `Bearer …`, and the values of secrets that are known.
 */
export function maskedLine(line: string, secrets: readonly string[]): string {
  const known = secrets.reduce((text, secret) => text.replaceAll(secret, mask), line);
  return maskCredentials(
    maskAssignments(maskUrls(known)).replace(
      /(["']?)\b([A-Za-z_][\w-]{0,80})\1(\s{0,3}:\s{0,3})(?![\w-]+:\s)("[^"]*"|'[^']*'|[^\s,;}\]"']+)/g,
      (whole, quote: string, name: string, gap: string) =>
        isSecretName(name) ? `${quote}${name}${quote}${gap}${mask}` : whole,
    ),
  );
}

/** A command of a shell: it may carry assignments and flags in the middle. */
export function maskInside(word: string): string {
  const text = maskUrls(word);
  return /\s/.test(text) ? maskCredentials(maskAssignments(text)) : text;
}

/** As the header Authorization has them. */
function maskCredentials(text: string): string {
  return text.replace(/\b(Bearer|Basic)\s+[\w.~+/=-]{8,}/gi, `$1 ${mask}`);
}

function maskAssignments(text: string): string {
  return text
    .replace(/\b([A-Za-z_]\w*)=("[^"]*"|'[^']*'|[^\s;&|"']+)/g, (whole, name: string) =>
      isSecretName(name) ? `${name}=${mask}` : whole,
    )
    .replace(
      /(?<![\w-])(--?)([A-Za-z][\w-]*)(=|\s+)("[^"]*"|'[^']*'|[^\s;&|"'-][^\s;&|"']*)/g,
      (whole, dashes: string, name: string, gap: string) =>
        isSecretName(name) ? `${dashes}${name}${gap}${mask}` : whole,
    );
}

/** Looks for `://` and not for the scheme before it: in an argument of 100,000 letters every one could begin a scheme. */
function maskUrls(text: string): string {
  return text
    .replace(/(:\/\/[^\s/:@]*):([^\s/@]+)@/g, `$1:${mask}@`)
    .replace(/([?&])([A-Za-z_][\w.-]*)=([^\s&#"']+)/g, (whole, before: string, name: string) =>
      isSecretName(name) ? `${before}${name}=${mask}` : whole,
    );
}
