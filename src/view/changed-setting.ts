/** What is said of a setting that was changed: `lines is now 7`. */
export function changedSetting({ name, value }: { readonly name: string; readonly value: string | number }): string {
  return `tsm: ${name} is now ${value === "" ? "empty" : value}`;
}
