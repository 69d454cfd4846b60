import type { Stream } from "./logs.ts";

export type Level = "error" | "warn" | "info" | "debug";

/** Reads the lines of one stream in their order: what says nothing of itself is an error on stderr alone. */
export class LevelReader {
  readonly #otherwise: Level;

  constructor(stream: Stream) {
    this.#otherwise = stream === "err" ? "error" : "info";
  }

  next(text: string): Level {
    return levelOf(text) ?? this.#otherwise;
  }
}

/** What a line says of itself: pino and bunyan JSON, logfmt, a level's name among its first words. */
export function levelOf(text: string): Level | undefined {
  const json = /^\s*\{.*"(?:level|severity|lvl)"\s*:\s*(?:"(\w+)"|(\d+))/.exec(text);
  const word =
    json?.[1] ??
    /\b(?:level|lvl|severity)=["']?(\w+)/i.exec(text)?.[1] ??
    /^(?:[[(<]?[\d:.,TZ+\-/]+[\])>]?:?\s+|[[(<]?\d{4}-\d\d-\d\d \S+\s+){0,3}[[(<]?(trace|debug|info|notice|warn|warning|error|err|critical|crit|fatal|panic|emerg|alert)[\])>]?[:\s-]/i.exec(
      text,
    )?.[1];
  if (json?.[2] !== undefined) return ofNumber(Number(json[2]));
  return word === undefined ? undefined : ofWord(word.toLowerCase());
}

/** As pino and bunyan count. */
function ofNumber(level: number): Level {
  if (level >= 50) return "error";
  if (level >= 40) return "warn";
  return level >= 30 ? "info" : "debug";
}

function ofWord(word: string): Level | undefined {
  if (/^(?:err|error|crit|critical|fatal|panic|emerg|alert)$/.test(word)) return "error";
  if (/^warn(?:ing)?$/.test(word)) return "warn";
  if (/^(?:info|notice)$/.test(word)) return "info";
  return /^(?:debug|trace)$/.test(word) ? "debug" : undefined;
}
