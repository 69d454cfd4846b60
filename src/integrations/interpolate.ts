/** What a file of docker compose asked for and nobody has set. */
export interface Unset {
  readonly name: string;
  /** `${NAME:?message}`: compose would not go on. */
  readonly required: boolean;
}

/**
 * `$VAR`, `${VAR}`, `${VAR:-default}`, `${VAR-default}`, `${VAR:+other}`, `${VAR:?message}` in every text, as docker compose
 * fills them in before it looks at anything; `$$` is a dollar.
 */
export function interpolate(
  value: unknown,
  lookUp: (name: string) => string | undefined,
  unset: (missing: Unset) => void,
): unknown {
  return inEveryText(value, (text) => fillIn(text, lookUp, unset));
}

/** The same, with every text in it changed. */
export function inEveryText(value: unknown, change: (text: string) => string): unknown {
  const done = new Map<object, unknown>();
  const visit = (item: unknown): unknown => {
    if (typeof item === "string") return change(item);
    if (typeof item !== "object" || item === null) return item;
    // A name of YAML may stand for what it stands in.
    const known = done.get(item);
    if (known !== undefined) return known;
    if (Array.isArray(item)) {
      const list: unknown[] = [];
      done.set(item, list);
      for (const each of item) list.push(visit(each));
      return list;
    }
    const object: Record<string, unknown> = Object.create(null);
    done.set(item, object);
    for (const [key, each] of Object.entries(item)) object[key] = visit(each);
    return object;
  };
  return visit(value);
}

function fillIn(
  text: string,
  lookUp: (name: string) => string | undefined,
  unset: (missing: Unset) => void,
  depth = 0,
): string {
  if (!text.includes("$")) return text;
  return text.replace(
    /\$(?:(\$)|([A-Za-z_]\w*)|\{([A-Za-z_]\w*)(?:(:?[-+?])((?:[^{}]|\{[^{}]*\})*))?\})/g,
    (_whole, dollar?: string, bare?: string, braced?: string, operator = "", word = "") => {
      if (dollar !== undefined) return "$";
      const name = bare ?? braced ?? "";
      const value = lookUp(name);
      const has = value !== undefined && (value !== "" || !operator.startsWith(":"));
      const other = () => (depth < 8 ? fillIn(word, lookUp, unset, depth + 1) : word);
      if (operator.endsWith("+")) return has ? other() : "";
      if (has) return value ?? "";
      if (operator.endsWith("-")) return other();
      if (value === undefined || operator.endsWith("?")) unset({ name, required: operator.endsWith("?") });
      return "";
    },
  );
}
