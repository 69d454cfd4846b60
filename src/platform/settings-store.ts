import Conf from "conf";

/** Changes one value of a settings file, checked against a schema and written whole. conf costs 30 ms: load this file only to write. */
export function saveSetting(
  folder: string,
  schema: Readonly<Record<string, { readonly type: "integer" | "string" }>>,
  name: string,
  value: unknown,
): void {
  // `clearInvalidConfig`: a file that cannot be read must not be replaced by an empty one.
  const properties = Object.fromEntries(
    Object.entries(schema).map(([key, { type, ...limits }]) => {
      const { summary: _summary, default: _default, ...rest } = limits as Record<string, unknown>; // JSON schema knows neither
      return [key, { type, ...rest }];
    }),
  );
  const store = new Conf({
    cwd: folder,
    configName: "settings",
    schema: properties,
    configFileMode: 0o600,
    clearInvalidConfig: false,
  });
  store.set(name, value);
}
