/** The environment that pm2 wrote down for an app, told apart. */
export interface ToldApart {
  /** What the app's own description set. */
  readonly own: Readonly<Record<string, string>>;
  /** Names that came from the shell which started it, and that no shell has by itself. */
  readonly shell: readonly string[];
}

/**
 * pm2 writes the whole environment of the shell into an app's `env`, and the app's own variables behind it, in this
 * order: the shell's, pm2's marks, the app's, a key with the app's name, `unique_id`. A variable that the shell had as
 * well stands among the shell's, with the app's value. After a restart by its file, only the app's own are left.
 * @param declared names that the app is known to set itself.
 */
export function tellApart(
  env: Readonly<Record<string, unknown>>,
  appName: string,
  declared: ReadonlySet<string>,
): ToldApart {
  const entries = Object.entries(env);
  const mark = entries.findLastIndex(([key]) => marks.has(key));
  const isOwnAlone = mark === -1 && !("PATH" in env);
  const own: [string, string][] = [];
  const shell: string[] = [];
  for (const [index, [key, value]] of entries.entries()) {
    if (key === appName || key === "unique_id" || pm2sOwn.test(key) || !isVariable(key)) continue;
    const text = textOf(value);
    if (text === undefined) continue;
    // The shell has text alone: a number was written by a person.
    const isOwn = isOwnAlone || (mark !== -1 && index > mark) || typeof value !== "string" || declared.has(key);
    if (isOwn || appsOwn.has(key)) own.push([key, text]);
    else if (!everyShells.test(key)) shell.push(key);
  }
  return { own: Object.fromEntries(own), shell };
}

/** Text, a number or a switch as a process would see it. */
export function textOf(value: unknown): string | undefined {
  if (typeof value === "string") return value.includes("\0") ? undefined : value;
  return typeof value === "number" || typeof value === "boolean" ? String(value) : undefined;
}

/** May it be a variable? `__proto__` would be none in the file that is written. */
export function isVariable(name: string): boolean {
  return /^[A-Za-z_][\w.-]*$/.test(name) && name !== "__proto__";
}

/** pm2 puts them between the shell's variables and the app's. */
const marks: ReadonlySet<string> = new Set(["PM2_USAGE", "PM2_INTERACTOR_PROCESSING", "PM2_JSON_PROCESSING"]);

const pm2sOwn = /^(?:PM2_\w+|pm_id|pm_cwd|pm_exec_path|NODE_APP_INSTANCE|vizion_running|km_link|_pm2_version)$/;

/** Wherever they come from, they are what an app is told by: without them it would be another one. */
const appsOwn: ReadonlySet<string> = new Set(["PORT", "NODE_ENV"]);

const everyShells =
  /^(?:PATH|HOME|SHELL|PWD|OLDPWD|USER|LOGNAME|MAIL|LANG|LANGUAGE|LC_\w+|TERM\w*|COLORTERM|SHLVL|_|HOSTNAME|EDITOR|VISUAL|PAGER|LESS\w*|LS_COLORS|TZ|TMPDIR|SSH_\w+|XDG_\w+|DBUS_\w+|DISPLAY|WAYLAND_DISPLAY|TMUX\w*|STY|WINDOW|NVM_\w+|PYENV_\w+|RBENV_\w+|npm_\w+|NODE|INIT_CWD|SUDO_\w+|INVOCATION_ID|JOURNAL_STREAM|SYSTEMD_\w+|MANPATH|INFOPATH|VSCODE_\w+|WSL\w*|HIST\w+|PS1|MOTD_SHOWN)$/;
