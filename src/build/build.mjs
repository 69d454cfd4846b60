// @ts-check
// `npm run build`: makes dist/, also when nothing changed.
import { build } from "./bundle.mjs";

await build();
