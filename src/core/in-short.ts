const mostShown = 200;

/** A word as a message shows it: as much of it as there is room for. */
export function inShort(word: string): string {
  return word.length > mostShown ? `${[...word.slice(0, mostShown)].slice(0, 60).join("")}…` : word;
}

/** A command as a message shows it: its first line, as far as there is room. */
export function firstLineInShort(command: string): string {
  const [line = ""] = command.slice(0, mostShown).split("\n", 1);
  return line.length < command.length ? `${line} …` : line;
}
