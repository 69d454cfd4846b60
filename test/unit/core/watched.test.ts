import { expect, test } from "vitest";
import { watched } from "../../../src/core/watched.ts";

/** `/link` leads to `/srv/app`. */
const files = {
  kind: (path: string) => (path.includes("*.js") && !path.includes("odd") ? "missing" : "file"),
  realPath: (path: string) => path.replace(/^\/link(?=\/|$)/, "/srv/app"),
} as const;

test.for([
  { watch: "/srv/app", root: "/srv/app", path: "/srv/app/a/b", counts: true },
  { watch: "/srv/app", root: "/srv/app", path: "/srv/appendix", counts: false },
  { watch: "/", root: "/", path: "/etc/x", counts: true },
  { watch: "/srv/app/*.js", root: "/srv/app", path: "/srv/app/a.js", counts: true },
  { watch: "/srv/app/*.js", root: "/srv/app", path: "/srv/app/a.jsx", counts: false },
  { watch: "/srv/app/*.js", root: "/srv/app", path: "/srv/app/b/a.js", counts: false },
  { watch: "/srv/app/**/*.js", root: "/srv/app", path: "/srv/app/a.js", counts: true },
  { watch: "/srv/app/**/*.js", root: "/srv/app", path: "/srv/app/b/c/a.js", counts: true },
  { watch: "/srv/app/s?c/*.js", root: "/srv/app", path: "/srv/app/src/a.js", counts: true },
  { watch: "/link/*.js", root: "/srv/app", path: "/srv/app/a.js", counts: true },
  { watch: "/*.js", root: "/", path: "/a.js", counts: true },
  { watch: "/odd/*.js", root: "/odd/*.js", path: "/odd/*.js", counts: true },
  { watch: "/odd/*.js", root: "/odd/*.js", path: "/odd/a.js", counts: false },
])("$watch looks at $root; $path: $counts", ({ watch, root, path, counts }) => {
  const seen = watched(files, [watch]);
  expect(seen.roots).toEqual([root]);
  expect(seen.counts(path)).toBe(counts);
});
