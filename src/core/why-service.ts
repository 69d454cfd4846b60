import { TsmError } from "./errors.ts";
import { quoteLine, quoteWord } from "./quote.ts";
import { readService } from "./service-read.ts";
import type { ServicePlace } from "./service-store.ts";
import type { Need } from "./why-facts.ts";
import type { Evidence } from "./why-found.ts";
import { needsOfService } from "./why-gather.ts";
import type { World } from "./world.ts";

/** Why a service that no process was started from does not run. */
export interface WhyService {
  readonly ref: string;
  readonly state: "never started";
  readonly cause: "never-started" | "bad-definition" | "dependency-down";
  readonly confidence: "certain";
  /** What is wrong with its file; "" when nothing is. */
  readonly problem: string;
  readonly needs: readonly Need[];
  readonly evidence: readonly Evidence[];
  readonly fix: readonly string[];
}

export function explainService(world: World, place: ServicePlace): WhyService {
  const problem = problemOf(world, place);
  const needs = problem === "" ? needsOfService(world, place) : [];
  const down = needs.filter(({ status }) => status !== "online");
  const cause = problem !== "" ? "bad-definition" : down.length > 0 ? "dependency-down" : "never-started";
  const ref = quoteLine([place.ref]);
  return {
    ref: place.ref,
    state: "never started",
    cause,
    confidence: "certain",
    problem,
    needs,
    evidence: [
      { from: "record", text: `no process is on record that was started from ${place.file}` },
      ...(problem === "" ? [] : [{ from: "services", text: problem } as const]),
      ...down.map(
        ({ ref: needed, status }): Evidence => ({
          from: "services",
          text: `it depends on ${needed}, which ${status === null ? "was never started" : `is ${status}`}`,
        }),
      ),
    ],
    fix: [`tsm ${problem === "" ? "start" : "edit"} ${quoteWord(ref)}`],
  };
}

/** What only bash can read is no problem: `start` asks bash. */
function problemOf(world: World, place: ServicePlace): string {
  try {
    const { definition, problems } = readService(world, place);
    return problems.length > 0 ? "" : (definition.faults[0] ?? "");
  } catch (error) {
    if (error instanceof TsmError) return error.message;
    throw error;
  }
}
