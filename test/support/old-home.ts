import { spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Home } from "./home.ts";
import { script } from "./scripts.ts";
import { until } from "./until.ts";

/** A process as an older TSM would have started it: its own session, its streams in two files. Its script ticks. */
export interface OldLife {
  readonly pid: number;
  readonly script: string;
  /** Epoch seconds. */
  readonly started: number;
}

/** Writes a file of the home, whatever its folder. */
export function inHome(home: Home, path: string, text: string | Uint8Array): string {
  const full = join(home.path, path);
  mkdirSync(dirname(full), { recursive: true });
  writeFileSync(full, text);
  return full;
}

/** A link of the home. */
export function linkInHome(home: Home, path: string, target: string): string {
  const full = join(home.path, path);
  mkdirSync(dirname(full), { recursive: true });
  symlinkSync(target, full);
  return full;
}

/** Starts `NAME.sh` with its output in these files of the home, and waits until it has ticked. */
export async function oldLife(home: Home, name: string, out: string, err: string): Promise<OldLife> {
  const path = script(home, `${name}.sh`, 'while :; do echo "tick $1"; echo oops >&2; sleep 0.2; done\n');
  const files = [out, err].map((file) => openSync(inHome(home, file, ""), "a"));
  const child = spawn("bash", [path, "a  b"], { cwd: home.folder, detached: true, stdio: ["ignore", ...files] });
  for (const file of files) closeSync(file);
  child.unref();
  await until("it has ticked", () => statSync(join(home.path, err)).size > 0);
  return { pid: child.pid ?? 0, script: path, started: nowSeconds() };
}

export function nowSeconds(): number {
  return Math.floor(Date.now() / 1000);
}

/** One line, as the README of the first TSM has it. */
export function metaLine(facts: {
  script: string;
  pid: number;
  port: number;
  started: number;
  id?: number;
  key?: "tpm_id" | "tsm_id";
}): string {
  const id = facts.id === undefined ? "" : ` ${facts.key ?? "tpm_id"}=${facts.id}`;
  return `script=${facts.script} pid=${facts.pid} port=${facts.port} start_time=${facts.started} type=cli${id}\n`;
}

/** A script of the first TSM's layout that lives: `processes`, `pids`, `logs`. */
export async function flatLife(home: Home, name: string, port: number, id: number): Promise<OldLife> {
  const life = await oldLife(home, name, `logs/${name}.out`, `logs/${name}.err`);
  inHome(home, `pids/${name}.pid`, `${life.pid}\n`);
  inHome(home, `processes/${name}.meta`, metaLine({ ...life, port, id }));
  return life;
}

/** One that does not. */
export function flatRest(home: Home, name: string, port: number, id: number): void {
  inHome(home, `logs/${name}.out`, `last of ${name}\n`);
  inHome(home, `pids/${name}.pid`, "4194000\n");
  const path = script(home, `${name}.sh`, "echo again; exec sleep 600\n");
  inHome(home, `processes/${name}.meta`, metaLine({ script: path, pid: 4_194_000, port, started: 1_757_566_677, id }));
}

/** What is at a path of the home, as text. */
export function textIn(home: Home, path: string): string {
  return readFileSync(join(home.path, path), "utf8");
}
