/** As far as the tests look at what it gives. */
declare module "parse-prometheus-text-format" {
  interface Family {
    readonly name: string;
    readonly help: string;
    readonly type: string;
    readonly metrics: readonly { readonly value: string; readonly labels?: Readonly<Record<string, string>> }[];
  }
  /** @throws when a line is not as the format says. */
  export default function parse(text: string): Family[];
}
