import { elementsOf } from "./xml.ts";

export type PlistValue = string | boolean | number | PlistValue[] | { readonly [key: string]: PlistValue };

/** What `plutil -lint` asks of a property list: its head, one value, keys that are strings and come once. @throws when it is none */
export function parsePlist(text: string): PlistValue {
  const head =
    '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">\n';
  if (!text.startsWith(head)) throw new Error("the head of a property list is missing");
  const body = text.slice(head.length).replace(/<!--(?:(?!--)[\s\S])*-->\n/g, "");
  // Well formed: `elementsOf` says so. What is in what, the tags alone tell.
  elementsOf(body.trimEnd());
  const tokens = [...body.matchAll(/<(\/?)(\w+)[^>]*?(\/?)>([^<]*)/g)].map(
    ([, closes, name = "", empty, inside = ""]) => ({
      kind: closes === "/" ? "close" : empty === "/" ? "empty" : "open",
      name,
      text: inside,
    }),
  );
  const next = (kind: string, name?: string) => {
    const token = tokens.shift();
    if (token?.kind !== kind || (name !== undefined && token.name !== name))
      throw new Error(`expected ${kind} ${name ?? ""}, found ${JSON.stringify(token)}`);
    return token;
  };
  next("open", "plist");
  const value = valueFrom();
  next("close", "plist");
  if (tokens.length > 0) throw new Error("something is behind the list");
  return value;

  function valueFrom(): PlistValue {
    const token = tokens.shift();
    if (token?.kind === "empty" && (token.name === "true" || token.name === "false")) return token.name === "true";
    if (token?.kind !== "open") throw new Error(`no value: ${JSON.stringify(token)}`);
    if (token.name === "string" || token.name === "integer") {
      next("close", token.name);
      return token.name === "integer" ? Number(token.text) : unescaped(token.text);
    }
    if (token.name === "array") {
      const items: PlistValue[] = [];
      while (tokens[0]?.kind !== "close") items.push(valueFrom());
      next("close", "array");
      return items;
    }
    if (token.name !== "dict") throw new Error(`a property list has no <${token.name}>`);
    const pairs: Record<string, PlistValue> = {};
    while (tokens[0]?.kind !== "close") {
      const key = unescaped(next("open", "key").text);
      next("close", "key");
      if (key in pairs) throw new Error(`the key ${key} twice`);
      pairs[key] = valueFrom();
    }
    next("close", "dict");
    return pairs;
  }
}

function unescaped(text: string): string {
  return text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}
