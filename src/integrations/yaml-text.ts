import { isAlias, isMap, isScalar, isSeq, LineCounter, type Pair, parseDocument, visit, type YAMLMap } from "yaml";
import { TsmError } from "../core/errors.ts";

/** A YAML file as data, and where each thing in it stands. */
export interface YamlFile {
  readonly value: unknown;
  /** The line of what a path of keys leads to, or of the last part of it that there is. */
  lineOf(path: readonly (string | number)[]): number | null;
}

/** @throws TsmError BAD_DATA naming the file and the line. */
export function parseYaml(text: string, file: string): YamlFile {
  const counter = new LineCounter();
  const lineAt = (offset = 0) => counter.linePos(offset).line;
  const bad = (what: string, line?: number) =>
    new TsmError("BAD_DATA", `${file}${line === undefined ? "" : `:${line}`}: ${what}`, {
      hint: "Nothing was written",
    });
  if (text.length > mostLength) throw bad("it is longer than anybody writes by hand");
  const pairs = new Map<YAMLMap, Map<string, Pair>>();
  try {
    const document = parseDocument(text, {
      // Looked for below: here each key would be compared with each other one.
      uniqueKeys: false,
      merge: true,
      // Ids and the like keep all of their digits.
      intAsBigInt: true,
      lineCounter: counter,
      prettyErrors: false,
      logLevel: "error",
    });
    const [error] = document.errors;
    if (error !== undefined) {
      const isSeveral = error.code === "MULTIPLE_DOCS";
      const what = isSeveral ? "it holds several documents, parted by ---" : firstLine(error.message);
      throw bad(what, counter.linePos(error.pos[0]).line);
    }
    visit(document, {
      Map(_key, map) {
        const found = new Map<string, Pair>();
        for (const pair of map.items) {
          if (!isScalar(pair.key)) continue;
          const name = String(pair.key.value);
          if (found.has(name) && name !== "<<")
            throw bad(`'${name.slice(0, 60)}' is there twice`, lineAt(pair.key.range?.[0]));
          found.set(name, pair);
        }
        pairs.set(map, found);
      },
    });
    return {
      // A few names that stand for each other's content could fill the memory.
      value: document.toJS({ maxAliasCount: 1000 }),
      lineOf(path) {
        let node: unknown = document.contents;
        let offset = 0;
        for (const key of path) {
          if (isAlias(node)) node = node.resolve(document);
          if (isMap(node)) {
            const pair: Pair | undefined = pairs.get(node)?.get(String(key));
            if (pair === undefined || !isScalar(pair.key)) break;
            offset = pair.key.range?.[0] ?? offset;
            node = pair.value;
          } else if (isSeq(node) && typeof key === "number") {
            const item: unknown = node.items[key];
            if (isScalar(item) || isMap(item) || isSeq(item)) offset = item.range?.[0] ?? offset;
            node = item;
          } else break;
        }
        return lineAt(offset);
      },
    };
  } catch (error) {
    if (error instanceof TsmError) throw error;
    if (error instanceof ReferenceError) throw bad(firstLine(error.message));
    if (error instanceof RangeError) throw bad("it is nested too deeply");
    throw error;
  }
}

const mostLength = 2 * 1024 * 1024;

function firstLine(message: string): string {
  return (message.split("\n")[0] ?? "").slice(0, 160);
}
