import type { Moment } from "../core/log-moment.ts";
import type { ProcessRecord } from "../core/process.ts";
import { tokenFields } from "../core/token.ts";
import type { Collected, TokenRequest } from "../core/tokens.ts";
import { type Context, flag, one, optional, type ParamType } from "./define.ts";
import { moment } from "./log-types.ts";
import { process } from "./targets.ts";
import { integer } from "./types.ts";

const fieldsType: ParamType<string> = {
  label: "FACT=PLACE,…",
  offers: { kind: "nothing" },
  parse(word) {
    tokenFields(word);
    return word;
  },
};

/** What all verbs that read events take. */
export const tokenArgs = {
  process: one(process(), "Whose events"),
  seconds: optional(integer("SECONDS", 1, 31_536_000), "Of so many last seconds only"),
};
export const tokenFlags = {
  since: flag(moment, { summary: "Not what is older: 10m, 10:30, 2026-01-02T10:00, boot, start" }),
  until: flag(moment, { summary: "Not what is younger" }),
  fields: flag(fieldsType, {
    also: ["--field"],
    summary: "Where facts stand in an event, by commas: session=sid,user=ctx.uid",
    fallback: "",
    gather: (before, next) => `${before},${next}`,
  }),
};
export const tokenDetails =
  "An event is a line TETRA:CATEGORY:EVENT with a JSON object behind it, or a line that is a JSON object. Its time, session, user and so on are looked for under their usual names; --fields says others, as does the setting token-fields: time, category, event, session, user, ip, fingerprint, element, page, duration, status.";

export interface TokensAsked {
  readonly process: ProcessRecord;
  readonly seconds?: number | undefined;
  readonly since: Moment | undefined;
  readonly until: Moment | undefined;
  readonly fields: string;
}

export function tokenRequest({ process: record, seconds, since, until, fields }: TokensAsked): TokenRequest {
  const last = seconds === undefined ? undefined : ({ kind: "ago", ms: seconds * 1000 } as const);
  return { record, fields, since: since ?? last, until, follow: false };
}

/** All of them, by their time. */
export async function tokensAsked(asked: TokensAsked, { engine, signal }: Context): Promise<Collected> {
  return await (await engine.tokens()).collect(tokenRequest(asked), signal);
}
