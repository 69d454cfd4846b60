/** An element, in the order of its opening, with the text directly behind that. */
export interface Element {
  readonly name: string;
  readonly attributes: Record<string, string>;
  readonly text: string;
}

/** The elements of a document. @throws when it is not well formed: what SVG files of ours use, and nothing else. */
export function elementsOf(xml: string): Element[] {
  const elements: Element[] = [];
  const open: string[] = [];
  const token = /<(\/?)([a-zA-Z][\w:-]*)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/?)>([^<]*)/y;
  for (let at = 0; at < xml.length; at = token.lastIndex) {
    token.lastIndex = at;
    const found = token.exec(xml);
    if (found === null) throw new Error(`no XML at ${at}: ${xml.slice(at, at + 80)}`);
    const [, closes, name = "", attributes = "", isEmpty, text = ""] = found;
    if (closes === "/") {
      const last = open.pop();
      if (last !== name) throw new Error(`</${name}> closes <${last}> at ${at}`);
      continue;
    }
    if (open.length === 0 && elements.length > 0) throw new Error(`a second root, <${name}>, at ${at}`);
    const pairs = [...attributes.matchAll(/([\w:-]+)="([^"]*)"/g)].map(([, key = "", value = ""]) => [
      key,
      plain(value),
    ]);
    if (new Set(pairs.map(([key]) => key)).size < pairs.length) throw new Error(`an attribute twice at ${at}`);
    elements.push({ name, attributes: Object.fromEntries(pairs), text: plain(text) });
    if (isEmpty !== "/") open.push(name);
  }
  if (open.length > 0) throw new Error(`<${open.join("> <")}> is never closed`);
  return elements;
}

const entities: Readonly<Record<string, string>> = { lt: "<", gt: ">", amp: "&", quot: '"' };

function plain(text: string): string {
  if (/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/.test(text))
    throw new Error(`a control character in ${JSON.stringify(text)}`);
  return text.replaceAll(/&(\w*);?/g, (entity, name: string) => {
    const character = entities[name];
    if (character === undefined || !entity.endsWith(";")) throw new Error(`${entity} is no entity`);
    return character;
  });
}
