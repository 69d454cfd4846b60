import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { root } from "../../src/build/layout.mjs";
import { scenes } from "../../src/build/pictures/scenes.mjs";
import { pictures } from "../../src/build/pictures.mjs";
import { readme } from "../../src/build/readme.mjs";
import { elementsOf } from "../support/xml.ts";

const shown = [...readFileSync(readme, "utf8").matchAll(/!\[(.*?)\]\((.*?)\)/g)].map(([, says = "", path = ""]) => ({
  says,
  path,
}));

test("the README shows a picture of every scene, and says what is on it", () => {
  expect(shown.map(({ path }) => path).toSorted()).toEqual(
    scenes.map(({ name }) => `docs/pictures/${name}.svg`).toSorted(),
  );
  for (const { says } of shown) expect(says).not.toBe("");
});

test("there is no picture without a scene", () => {
  expect(readdirSync(pictures).toSorted()).toEqual(scenes.map(({ name }) => `${name}.svg`).toSorted());
});

test.for(shown.map(({ path }) => path))("%s is a whole SVG file that tells nothing of the machine", (path) => {
  const text = readFileSync(join(root, path), "utf8");
  const [svg] = elementsOf(text);
  expect(svg).toMatchObject({ name: "svg", attributes: { xmlns: "http://www.w3.org/2000/svg" } });
  expect(text).not.toMatch(/\/(?:home|root|work|Users)\/|<script|<image|href/);
});
