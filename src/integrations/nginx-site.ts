/** Where nginx looks for sites, told by its folders. Debian's way, or conf.d. */
export interface Places {
  /** What `nginx -c` is given. */
  readonly main: string;
  /** Ours, for one site. */
  file(slug: string): string;
  /** What makes it count; undefined where the file itself does. */
  link(slug: string): string | undefined;
  /** The folder in which our files are. */
  readonly folder: string;
}

export function placesIn(root: string, hasFolder: (path: string) => boolean): Places | undefined {
  const main = `${root}/nginx.conf`;
  const [available, enabled, plain] = ["sites-available", "sites-enabled", "conf.d"].map((name) => `${root}/${name}`);
  if (available !== undefined && enabled !== undefined && hasFolder(available) && hasFolder(enabled))
    return {
      main,
      folder: available,
      file: (slug) => `${available}/tsm-${slug}.conf`,
      link: (slug) => `${enabled}/tsm-${slug}.conf`,
    };
  if (plain === undefined || !hasFolder(plain)) return undefined;
  return { main, folder: plain, file: (slug) => `${plain}/tsm-${slug}.conf`, link: () => undefined };
}

/** The slug in the name of a file of ours. */
export function slugIn(name: string): string | undefined {
  return /^tsm-([a-z0-9-]+)\.conf$/.exec(name)?.[1];
}

/** What nginx has to say, without its own line numbers and times: the errors. */
export function complaint(stderr: string): string {
  const lines = stderr.split("\n").filter((line) => /\[(?:emerg|alert|crit|error)\]/.test(line));
  const said = lines.length > 0 ? lines : stderr.split("\n").filter((line) => line.trim() !== "");
  return said
    .slice(0, 3)
    .map((line) => line.replace(/^nginx: |^\d{4}\/\d\d\/\d\d [\d:]{8} |(?<=\] )\d+#\d+: /g, ""))
    .join("; ")
    .trim();
}

/** Is that because nginx is not running? */
export function isNotRunning(stderr: string): boolean {
  return /invalid PID number|\(2: No such file or directory\)|\(3: No such process\)/.test(stderr);
}
