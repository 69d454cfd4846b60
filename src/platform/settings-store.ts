import Conf from "conf";

/** Changes one value of a settings file, checked against a schema and written whole. conf costs 30 ms: load this file only to write. */
export function saveSetting(
  folder: string,
  schema: Readonly<Record<string, { readonly type: "integer" | "string" }>>,
  tables: Readonly<Record<string, RegExp>>,
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
  const objects = Object.fromEntries(
    Object.entries(tables).map(([table, { source }]) => [
      table,
      { type: "object", propertyNames: { pattern: source }, additionalProperties: { type: "string" } } as const,
    ]),
  );
  const store = new Conf({
    cwd: folder,
    configName: "settings",
    schema: { ...properties, ...objects },
    configFileMode: 0o600,
    clearInvalidConfig: false,
  });
  store.set(name, value);
}
