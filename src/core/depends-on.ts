import { processPaths } from "./home.ts";
import type { World } from "./world.ts";

/** The processes that this one needs, by name, as they were when it was started. @param launch where its launch files are. */
export function dependsOn(
  { platform, home }: Pick<World, "platform" | "home">,
  name: string,
  launch: string = processPaths(home, name).launch,
): readonly string[] {
  const text = platform.files.readText(`${launch}/depends-on`) ?? "";
  return text.split("\n").filter((line) => line !== "");
}
