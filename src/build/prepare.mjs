// @ts-check
// npm runs this after `npm install` and `npm ci` in the clone, and for `npm install -g .`, where npm links the clone
// and installs nothing into it.
import { canBuild, install } from "./install.mjs";
import { isStale } from "./staleness.mjs";

if (!canBuild()) install();
if (isStale()) {
  const { build } = await import("./bundle.mjs");
  await build();
}
