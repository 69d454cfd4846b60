import { describe, expect, test } from "vitest";
import { roles, sgrOf, themeFor, themes, wantsColour, wrongStyles } from "../../../src/view/theme.ts";

const wanted = { colours: "auto", theme: "auto", styles: "" } as const;

describe("the theme", () => {
  test.for([
    { env: { COLORFGBG: "15;0" }, is: "dark", because: "the background is black" },
    { env: { COLORFGBG: "0;default;15", TERM: "xterm-256color" }, is: "light", because: "the background is white" },
    { env: { COLORFGBG: "0;15", TERM: "xterm" }, is: "light16", because: "this terminal has 16 colours" },
    { env: { TERM: "xterm-256color" }, is: "either", because: "nothing is known of the background" },
    { env: { TERM: "xterm", COLORTERM: "truecolor" }, is: "either", because: "it has more than 16 colours" },
    { env: { TERM: "linux" }, is: "dark", because: "with 16 colours and no word about it" },
    { env: { TERM: "xterm-256color", FORCE_COLOR: "1" }, is: "dark", because: "16 colours were asked for" },
  ] as const)("$env gives $is: $because", ({ env, is }) => {
    expect(themeFor(wanted, env)).toEqual(themes[is]);
  });

  test("the setting is stronger than the environment, and a style of one's own than both", () => {
    const theme = themeFor(
      { ...wanted, theme: "mono", styles: "bad=bold,160 warn=none foo=1 good=ugly" },
      { COLORFGBG: "15;0" },
    );
    expect(theme).toEqual({ ...themes.mono, bad: "bold,160", warn: "none" });
    expect([sgrOf(theme.bad), sgrOf(theme.warn), sgrOf(themes.dark.wrong), sgrOf(themes.dark.quoted)]).toEqual([
      "1;38;5;160",
      undefined,
      "1;31",
      "94",
    ]);
    expect(wrongStyles("bad=bold,160 warn=none foo=1 good=ugly bash")).toEqual(["foo=1", "good=ugly", "bash"]);
  });

  test.for([
    { name: "either", backgrounds: [0, 255] },
    { name: "light", backgrounds: [255] },
  ] as const)("each colour of $name can be read on $backgrounds", ({ name, backgrounds }) => {
    for (const role of roles) {
      const colour = /\d+/.exec(themes[name][role])?.[0];
      if (colour === undefined) continue;
      for (const grey of backgrounds) expect(contrast(Number(colour), grey), `${role} ${colour}`).toBeGreaterThan(3);
    }
  });
});

describe("colour", () => {
  test.for([
    { env: {}, terminal: true, is: true, because: "a terminal has it" },
    { env: {}, terminal: false, is: false, because: "a pipe has none" },
    { env: { TERM: "dumb" }, terminal: true, is: false, because: "a dumb terminal has none" },
    { env: { NO_COLOR: "1", FORCE_COLOR: "1" }, terminal: true, is: false, because: "who asks for none gets none" },
    { env: { FORCE_COLOR: "1" }, terminal: false, is: true, because: "it is forced" },
    { env: { FORCE_COLOR: "0" }, terminal: true, is: false, because: "0 forces none" },
    { env: { NO_COLOR: "" }, terminal: true, is: true, because: "an empty NO_COLOR is none" },
  ] as const)("$env, terminal $terminal: $is, $because", ({ env, terminal, is }) => {
    expect(wantsColour({ colours: "auto" }, terminal, env)).toBe(is);
  });

  test("the setting decides where it says something", () => {
    expect(wantsColour({ colours: "always" }, false, { NO_COLOR: "1" })).toBe(true);
    expect(wantsColour({ colours: "never" }, true, { FORCE_COLOR: "3" })).toBe(false);
  });
});

/** How much a colour of the cube of 256 stands out from a grey, as WCAG 2 counts it: 1 to 21. */
function contrast(colour: number, grey: number): number {
  const cube = colour - 16;
  const level = (step: number) => (step === 0 ? 0 : 55 + step * 40);
  const [a, b] = [
    luminance([Math.floor(cube / 36), Math.floor(cube / 6) % 6, cube % 6].map(level)),
    luminance([grey, grey, grey]),
  ];
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}

function luminance(channels: readonly number[]): number {
  const [red = 0, green = 0, blue = 0] = channels.map((value) => {
    const part = value / 255;
    return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
