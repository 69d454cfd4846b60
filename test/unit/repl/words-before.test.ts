import { expect, test } from "vitest";
import { wordsBefore } from "../../../src/repl/words-before.ts";

test.for([
  { line: "stop back", words: ["stop"], text: "back", from: 5, because: "a word ends at the cursor" },
  {
    line: "stop back\\",
    words: ["stop"],
    text: "back",
    from: 5,
    because: "a \\ whose letter is to come is a part of it",
  },
  { line: "stop \\", words: ["stop"], text: "", from: 5, because: "and a word of its own when it begins one" },
  { line: "stop a\\ ", words: ["stop"], text: "a ", from: 5, because: "with its letter it is that letter" },
  { line: "stop a\\\\", words: ["stop"], text: "a\\", from: 5, because: "which may be a \\" },
  { line: "stop 'a\\", words: ["stop"], text: "a\\", from: 5, because: "in quotes it is a letter" },
  { line: "!ls a\\", words: ["ls"], text: "a", from: 4, because: "bash's words too" },
  { line: "list > a\\", words: [">"], text: "a", from: 7, because: "and a file's name" },
  { line: "list >", words: [">"], text: "", from: 6, because: "behind a > a file is named" },
  { line: "list >> ", words: [">"], text: "", from: 8, because: "and behind a >>, also with a blank" },
  { line: "list > f ", words: ["list"], text: "", from: 9, because: "behind the file the command goes on" },
  { line: "list '>", words: ["list"], text: ">", from: 5, because: "in quotes it is a letter" },
  { line: "list \\> ", words: ["list", ">"], text: "", from: 8, because: "as behind a \\" },
])("of “$line” Tab completes “$text”: $because", ({ line, words, text, from }) => {
  expect(wordsBefore(line, line.length)).toMatchObject({ words, word: { text, from } });
});
