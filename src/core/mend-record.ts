import { atRest } from "./at-rest.ts";
import { TsmError } from "./errors.ts";
import { processPaths } from "./home.ts";
import { readSettings } from "./launch-words.ts";
import { lockIds, lockProcess } from "./process-lock.ts";
import { quoteWord } from "./quote.ts";
import { parseRecord } from "./record.ts";
import { goodRecord, readRecord, readRecords, writeRecord } from "./records.ts";
import type { World } from "./world.ts";

/**
 * Gives a damaged record back what it held: its runner writes it anew where one lives, else it is put together from the
 * launch files and from what runs. What they do not hold, the counters and the last exit, is lost.
 * @throws TsmError when they are damaged too
 */
export async function mendRecord(world: World, name: string, signal: AbortSignal): Promise<void> {
  const release = await lockProcess(world, name, signal);
  try {
    const found = readRecord(world, name);
    if (found === undefined || !("problem" in found)) return;
    if (await byItsRunner(world, name, signal)) return;
    const releaseIds = await lockIds(world, signal);
    try {
      const record = fromLaunchFiles(world, name);
      const other = readRecords(world).records.find((each) => each.tsm_id === record.tsm_id);
      if (other !== undefined) {
        throw new TsmError("BAD_DATA", `the id ${record.tsm_id} of '${name}' is that of '${other.name}' by now`, {
          hint: `tsm delete ${quoteWord(name)} removes the damaged record`,
        });
      }
      writeRecord(world, record);
    } finally {
      releaseIds();
    }
  } finally {
    release();
  }
}

/** It is asked to zero its counters, and writes the whole record. */
async function byItsRunner(world: World, name: string, signal: AbortSignal): Promise<boolean> {
  const { files, processes, clock } = world.platform;
  const { runnerPid, reset } = processPaths(world.home, name);
  const [pid, startMark] = (files.readText(runnerPid) ?? "").trim().split(" ");
  if (pid === undefined || startMark === undefined) return false;
  const runner = { pid: Number(pid), startMark, bootId: processes.bootId() };
  if (!processes.isAlive(runner)) return false;
  files.writeWhole(reset, "");
  while (processes.isAlive(runner) && files.kind(reset) === "file") {
    processes.signal(runner, "SIGUSR1");
    for (let look = 0; look < 50 && files.kind(reset) === "file" && processes.isAlive(runner); look += 1)
      await clock.sleep(4, signal);
  }
  return goodRecord(world, name) !== undefined;
}

function fromLaunchFiles(world: World, name: string) {
  const { files, processes, clock } = world.platform;
  const { launch, pid: pidFile } = processPaths(world.home, name);
  const settings = readSettings(files, launch);
  const [head, body, tail] = ["meta_head", "meta_body", "meta_tail"].map((part) => settings?.get(part));
  const pid = Number((files.readText(pidFile) ?? "").trim());
  const marks = Number.isSafeInteger(pid) && pid > 1 ? processes.environment(pid) : undefined;
  const isOurs = marks?.get("TSM_NAME") === name && marks.get("TSM_HOME") === world.home.root;
  const identity = isOurs ? processes.identify(pid) : undefined;
  const middle = {
    ...atRest,
    start_time: Math.floor((clock.nowMs() - (identity === undefined ? 0 : processes.ages()(identity))) / 1000),
    ...(identity === undefined ? {} : { status: "online", start_mark: identity.startMark }),
    boot_id: processes.bootId(),
  };
  const lines = JSON.stringify(middle, null, 2).split("\n").slice(1, -1).join("\n");
  const text = [head, `  "pid": ${identity?.pid ?? 0},`, body, `${lines},`, tail].join("\n");
  const record = parseRecord(text, name);
  if (!("problem" in record)) return record;
  throw new TsmError("BAD_DATA", `the launch files of '${name}' do not say what it was either`, {
    hint: `tsm delete ${quoteWord(name)} removes it; its command must be started anew`,
  });
}
