import { readApps } from "./ecosystem-apps.ts";
import { readEcosystem } from "./ecosystem-file.ts";
import type { World } from "./world.ts";

/** What the apps of a file are called. @throws TsmError when it cannot be read */
export async function namesInFile(world: World, file: string): Promise<string[]> {
  const text = await readEcosystem(world, file, new AbortController().signal);
  return readApps(text, undefined).apps.map(({ name }) => name);
}
