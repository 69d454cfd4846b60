/**
 * Which paths a watch does not look at. A pattern without `/` is the name of a file or folder anywhere, one with `/` a
 * path from the process's folder; `*` is anything but `/`, `**` anything. What is in an ignored folder is ignored too.
 */
export function ignoring(
  { cwd, roots, home }: { readonly cwd: string; readonly roots: readonly string[]; readonly home: string },
  patterns: readonly string[],
): (path: string) => boolean {
  const whole = patterns.map((pattern) => pattern.replace(/^\.\//, "").replace(/\/+$/, ""));
  const names = [".git", "node_modules", ...whole.filter((pattern) => !pattern.includes("/"))];
  const paths = whole.filter((pattern) => pattern.includes("/"));
  const named = names.map((pattern) => new RegExp(`^${expression(pattern)}$`));
  const placed = paths.map((pattern) => {
    const place = pattern.startsWith("/") ? pattern : `${cwd === "/" ? "" : cwd}/${pattern}`;
    return new RegExp(`^${expression(place)}(?:/|$)`);
  });
  return (path) => {
    if (path === home || path.startsWith(`${home}/`)) return true;
    if (placed.some((each) => each.test(path))) return true;
    // What is watched may itself lie in a `node_modules`: only what is below it counts.
    const root = roots.find((each) => path === each || path.startsWith(each === "/" ? "/" : `${each}/`)) ?? "";
    return path
      .slice(root.length)
      .split("/")
      .some((name) => named.some((each) => each.test(name)));
  };
}

/** The source of what matches it. */
export function expression(pattern: string): string {
  return pattern
    .split(/(\*\*\/|\*\*|\*|\?)/)
    .map((part) => wild[part] ?? part.replaceAll(/[\\^$.|+()[\]{}]/g, "\\$&"))
    .join("");
}

const wild: Readonly<Record<string, string>> = { "**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]" };
