import { TsmError } from "./errors.ts";
import { isLive, observe } from "./observe.ts";
import type { StartRequest } from "./plan.ts";
import { readEnvFile } from "./plan.ts";
import { holdersOf } from "./port-holders.ts";
import { holderText } from "./reconcile.ts";
import { goodRecord, readRecords } from "./records.ts";
import { planStart } from "./start.ts";
import type { World } from "./world.ts";

/** What a start would come to, as far as can be told before. */
export interface Validation {
  readonly name: string;
  readonly command: string;
  readonly port: number | "none";
  readonly cwd: string;
  readonly checks: readonly ValidationCheck[];
}

interface ValidationCheck {
  readonly what: string;
  readonly problem: boolean;
}

/** @throws TsmError where it is asked in a wrong way */
export async function validateStart(world: World, request: StartRequest): Promise<Validation> {
  try {
    return await checked(world, request);
  } catch (error) {
    if (!(error instanceof TsmError) || error.code !== "NO_FILE") throw error;
    const { name = "", words, port = "none" } = request;
    return { name, command: words.join(" "), port, cwd: world.cwd, checks: [{ what: error.message, problem: true }] };
  }
}

async function checked(world: World, request: StartRequest): Promise<Validation> {
  const { name, command, port, cwd, envFile } = await planStart(world, request);
  const good = (what: string): ValidationCheck => ({ what, problem: false });
  const bad = (what: string): ValidationCheck => ({ what, problem: true });
  const checks = [good(`command: ${command}`), good(`folder: ${cwd}`)];
  if (envFile !== "") {
    const count = readEnvFile(world, envFile, world.env).size;
    checks.push(good(`env file: ${envFile} (${count} ${count === 1 ? "variable" : "variables"})`));
  }
  const [line = ""] = request.words;
  const slip = /^\S*bash -c /.test(command) && /\s/.test(line) ? await slipIn(world, line) : undefined;
  if (slip !== undefined) checks.push(bad(`shell: ${slip}`));
  const found = goodRecord(world, name);
  const isTaken = found !== undefined && isLive(observe(found, world.platform.processes));
  checks.push(isTaken ? bad(`name: '${name}' is running already`) : good(`name: ${name}`));
  if (port === "none") checks.push(good("port: none"));
  else {
    const [holder] = holdersOf(world, port);
    const other = readRecords(world).records.find((record) => record.port === port && record.name !== name);
    if (holder !== undefined) checks.push(bad(`port: ${port} is held by ${holderText(holder)}`));
    else if (other !== undefined) checks.push(bad(`port: ${port} is declared by '${other.name}'`));
    else checks.push(good(`port: ${port} is free`));
  }
  return { name, command, port, cwd, checks };
}

/** What bash cannot read of a line, in its words; it runs nothing of it. */
async function slipIn({ platform, env, cwd }: World, line: string): Promise<string | undefined> {
  const { BASH_ENV: _, ...plain } = env;
  const request = { file: "bash", args: ["-n", "-c", line], env: { ...plain, LC_ALL: "C" }, cwd };
  const { code, stderr } = await platform.spawner.capture(request, patienceMs, new AbortController().signal);
  const [first = ""] = stderr.trim().split("\n");
  return code === 0 ? undefined : first.replace(/^bash: (?:-c: )?(?:line \d+: )?/, "") || "bash cannot read the line";
}

const patienceMs = 5000;
