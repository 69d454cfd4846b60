import { expect, test } from "vitest";
import { ignoring } from "../../../src/core/ignored.ts";

const places = { cwd: "/srv/app", roots: ["/srv/app", "/srv/node_modules/mine"], home: "/srv/app/.tsm" };

test.for([
  { path: "/srv/app", ignored: false },
  { path: "/srv/app/src/index.js", ignored: false },
  { path: "/srv/app/.git", ignored: true },
  { path: "/srv/app/deep/.git/HEAD", ignored: true },
  { path: "/srv/app/.gitignore", ignored: false },
  { path: "/srv/app/node_modules/x/y.js", ignored: true },
  { path: "/srv/node_modules/mine/x.js", ignored: false, because: "what is watched lies in one itself" },
  { path: "/srv/app/.tsm", ignored: true, because: "it is our home" },
  { path: "/srv/app/.tsm/runtime/processes/a/current.out", ignored: true },
  { path: "/srv/app/.tsmx", ignored: false },
  { patterns: ["*.log"], path: "/srv/app/a/b.log", ignored: true },
  { patterns: ["*.log"], path: "/srv/app/a/b.log.js", ignored: false },
  { patterns: ["data"], path: "/srv/app/x/data/rows", ignored: true },
  { patterns: ["data/"], path: "/srv/app/x/data/rows", ignored: true },
  { patterns: ["./public/out"], path: "/srv/app/public/out/x", ignored: true },
  { patterns: ["public/out"], path: "/srv/app/x/public/out", ignored: false },
  { patterns: ["src/**/gen"], path: "/srv/app/src/gen", ignored: true },
  { patterns: ["src/**/gen"], path: "/srv/app/src/a/b/gen/x", ignored: true },
  { patterns: ["src/*/gen"], path: "/srv/app/src/a/b/gen", ignored: false },
  { patterns: ["/srv/app/tmp"], path: "/srv/app/tmp/x", ignored: true },
  { patterns: ["a+b(c)?.js"], path: "/srv/app/a+b(c)d.js", ignored: true },
  { patterns: ["a+b(c)?.js"], path: "/srv/app/aab(c)d.js", ignored: false },
])("$path with $patterns: $ignored", ({ path, patterns = [], ignored }) => {
  expect(ignoring(places, patterns)(path)).toBe(ignored);
});
