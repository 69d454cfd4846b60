/** What a text says in JSON; undefined for what is none, as a file is that a power cut has cut or somebody has damaged. */
export function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
