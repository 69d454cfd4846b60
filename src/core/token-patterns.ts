import { isApi, isError, kindOf, type Token, tokenName } from "./token.ts";

/** What a trigger may wait for by name instead of by the name of the event. */
export interface NamedPattern {
  readonly name: string;
  readonly summary: string;
  fits(token: Token): boolean;
}

const slowMs = 1000;

export const namedPatterns: readonly NamedPattern[] = [
  { name: "ADMIN_LOGIN", summary: "An administrator logs in", fits: (token) => isLogin(token) && isOfAdmin(token) },
  { name: "LOGIN_FAILED", summary: "A login fails", fits: (token) => isLogin(token) && hasFailed(token) },
  {
    name: "ACCESS_DENIED",
    summary: "Status 401 or 403, or an event that says denied, forbidden or unauthorized",
    fits: (token) =>
      [401, 403].includes(token.status ?? 0) || /denied|forbidden|unauthori[sz]ed/i.test(tokenName(token)),
  },
  {
    name: "RATE_LIMITED",
    summary: "Status 429, or an event that says rate limit",
    fits: (token) => token.status === 429 || /rate[_. -]?limit|throttled/i.test(tokenName(token)),
  },
  {
    name: "API_ERROR",
    summary: "An event of an API that is an error",
    fits: (token) => isApi(token) && isError(token),
  },
  {
    name: "HIGH_RESPONSE_TIME",
    summary: "An event that says that it took more than a second",
    fits: ({ duration }) => duration !== null && duration > slowMs,
  },
  { name: "ANY_ERROR", summary: "An error of any kind, a status from 500 on", fits: isError },
  { name: "SESSION_START", summary: "A session begins", fits: (token) => kindOf(token) === "start" },
];

function isLogin(token: Token): boolean {
  return /(?:^|[^a-z])(?:log[_. -]?in|sign[_. -]?in|auth(?:entication)?)(?![a-z])/i.test(tokenName(token));
}

function isOfAdmin({ category, event, user, data }: Token): boolean {
  return [category, event, user, data["role"]].some(
    (word) => typeof word === "string" && /(?:^|[^a-z])(?:admin(?:istrator)?|root|superuser)(?![a-z])/i.test(word),
  );
}

function hasFailed(token: Token): boolean {
  const { data, status } = token;
  return isError(token) || data["success"] === false || data["ok"] === false || status === 401 || status === 403;
}
