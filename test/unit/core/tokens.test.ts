import { describe, expect, test } from "vitest";
import { settingsSchema } from "../../../src/core/settings.ts";
import { kindOf, type Token, tokenFields, tokenOf } from "../../../src/core/token.ts";
import { clickPerformance, clicks } from "../../../src/core/token-clicks.ts";
import { namedPatterns } from "../../../src/core/token-patterns.ts";
import { dashboard, patterns } from "../../../src/core/token-reports.ts";
import { sessions } from "../../../src/core/token-sessions.ts";
import { isSetOff, type Trigger, triggersIn } from "../../../src/core/token-triggers.ts";
import { tokenUsers } from "../../../src/core/token-users.ts";

const fields = tokenFields("");
const noon = Date.UTC(2026, 0, 2, 12, 0, 0);

function token(text: string, own = fields): Token {
  const found = tokenOf({ text, time: null }, own);
  if (found === undefined || found === "damaged") throw new Error(`no event: ${text}`);
  return found;
}

/** An event so many milliseconds after noon. */
function at(ms: number, name: string, data: Record<string, unknown> = {}): Token {
  return token(`TETRA:${name} ${JSON.stringify({ timestamp: noon + ms, ...data })}`);
}

test("each fact that a flag can place, the setting can", () => {
  const pattern = new RegExp(settingsSchema.tokenFields.pattern);
  for (const fact of Object.keys(fields)) expect(`${fact}=x`, fact).toMatch(pattern);
  expect("session=sid,user=ctx.uid").toMatch(pattern);
  expect("nonsense=x").not.toMatch(pattern);
  expect("session").not.toMatch(pattern);
});

describe("a line", () => {
  test.for([
    { text: 'TETRA:UI:CLICK {"a":1}', name: "UI:CLICK" },
    { text: "TETRA:UI:CLICK", name: "UI:CLICK" },
    { text: '[12:00:01] TETRA:API:RESPONSE {"duration":5}', name: "API:RESPONSE" },
    { text: '{"level":50,"msg":"boom"}', name: "ERROR:boom" },
    { text: '{"level":"info","event":"login"}', name: "INFO:login" },
    { text: '{"category":"db","event":"slow"}', name: "db:slow" },
    { text: '{"event":"CLICK:btn"}', name: "CLICK:btn" },
    { text: '{"level":"info","event":"TETRA:UI:CLICK:save"}', name: "UI:CLICK:save" },
    { text: '{"category":"db","event":"pool:slow"}', name: "db:pool:slow" },
    { text: '{"msg":"error: no such row"}', name: "LOG:error: no such row" },
    { text: '{"msg":"12:30:01"}', name: "LOG:12:30:01" },
    { text: '{"msg":"http://a/b"}', name: "LOG:http://a/b" },
    { text: "{}", name: "LOG:-" },
    { text: '\u001b[32mTETRA:UI:CLICK\u001b[0m {"a":1}\u001b[0m', name: "UI:CLICK" },
    { text: '  {"event":"login"}\r', name: "LOG:login" },
    { text: 'TETRA:UI:CLICK{"a":1}', name: "UI:CLICK" },
    { text: '{"event":"a","__proto__":{"level":"error"}}', name: "LOG:a" },
  ])("$text is $name", ({ text, name }) => {
    const { category, event } = token(text);
    expect(`${category}:${event}`).toBe(name);
  });

  test.for(["", "hello", "TETRA:", "TETRA:UI", "NOTTETRA:UI:CLICK", "[1,2]", '"text"', "{not json", "null"])(
    "%j is no event",
    (text) => expect(tokenOf({ text, time: null }, fields)).toBeUndefined(),
  );

  test("whose JSON is cut off is damaged, not lost", () => {
    expect(tokenOf({ text: 'TETRA:UI:CLICK {"a":', time: null }, fields)).toBe("damaged");
  });

  test("whose JSON is too deep to be written again is damaged", () => {
    const deep = `{"a":${"[".repeat(20_000)}${"]".repeat(20_000)}}`;
    expect(tokenOf({ text: `TETRA:A:B ${deep}`, time: null }, fields)).toBe("damaged");
    expect(tokenOf({ text: deep, time: null }, fields)).toBeUndefined();
    const wide = `TETRA:A:B ${JSON.stringify({ a: Array.from({ length: 5000 }, () => [1]) })}`;
    expect(tokenOf({ text: wide, time: null }, fields)).toMatchObject({ event: "B" });
  });

  test.for([
    { value: "2026-01-02T12:00:00Z", time: noon },
    { value: noon, time: noon },
    { value: noon / 1000, time: noon },
    { value: String(noon), time: noon },
    { value: noon * 1000, time: noon },
    { value: String(noon * 1e6), time: noon },
    { value: "yesterday", time: 7000 },
    { value: "1", time: 7000 },
    { value: 1e300, time: 7000 },
    { value: -1, time: 7000 },
    { value: null, time: 7000 },
  ])("with the time $value is of $time, or of its line", ({ value, time }) => {
    const text = `TETRA:A:B ${JSON.stringify({ timestamp: value })}`;
    expect(tokenOf({ text, time: 7 }, fields)).toMatchObject({ time });
  });

  test.for([
    { value: 0, duration: 0 },
    { value: "1500", duration: 1500 },
    { value: "1500ms", duration: 1500 },
    { value: "1.5s", duration: 1500 },
    { value: -5, duration: null },
    { value: " ", duration: null },
    { value: "NaN", duration: null },
    { value: "1e999", duration: null },
    { value: {}, duration: null },
  ])("that says $value took $duration ms", ({ value, duration }) => {
    expect(token(`TETRA:A:B ${JSON.stringify({ duration: value })}`).duration).toBe(duration);
  });

  test("has its facts where the fields say, and what every object inherits is none", () => {
    const own = tokenFields("session=ctx.sid,event=kind,user=constructor");
    expect(token('{"kind":"login","ctx":{"sid":7},"sessionId":"no"}', own)).toMatchObject({
      event: "login",
      session: "7",
      user: null,
    });
    expect(token('{"a":1,"b":2}', tokenFields("session=a,session=b")).session).toBe("2");
    expect(() => tokenFields("nonsense=x")).toThrow("'nonsense=x' is not a field");
    expect(() => tokenFields("session")).toThrow("is not a field");
  });
});

test.for([
  { name: "UI:CLICK", kind: "click" },
  { name: "CLICK:BUTTON", kind: "click" },
  { name: "USER:SESSION_START", kind: "start" },
  { name: "USER:SESSION_END", kind: "end" },
  { name: "API:RESPONSE", kind: "api" },
  { name: "API:ERROR", kind: "error" },
  { name: "APPLICATION:STARTED", kind: "other" },
  { name: "NAV:PAGE_VIEW", kind: "page" },
  { name: "UI:FEATURE_USED", kind: "feature" },
] as const)("$name is of kind $kind", ({ name, kind }) => {
  expect(kindOf(at(0, name))).toBe(kind);
});

test("the dashboard counts each event once, and averages what says how long it took", () => {
  const report = dashboard([
    at(0, "USER:SESSION_START", { sessionId: "a" }),
    at(100, "USER:SESSION_START", { sessionId: "a" }),
    at(200, "USER:SESSION_START", { sessionId: "b" }),
    at(300, "API:RESPONSE", { duration: 1000, sessionId: "c" }),
    at(400, "API:RESPONSE", { duration: "2000ms" }),
    at(500, "API:ERROR", {}),
  ]);
  expect(report).toMatchObject({
    events: 6,
    from: noon,
    to: noon + 500,
    api: { count: 3, average: 1500, p95: 2000 },
    errors: 1,
    newSessions: 2,
  });
  expect(report.categories).toEqual([
    { name: "API", count: 3 },
    { name: "USER", count: 3 },
  ]);
  expect(dashboard([])).toMatchObject({ events: 0, from: null, api: { average: null, p95: null }, newSessions: 0 });
});

test("sessions have their length and counts, whatever is between their events", () => {
  const found = sessions([
    at(0, "USER:SESSION_START", { sessionId: "a", userId: "anna" }),
    at(1000, "UI:CLICK", { sessionId: "b", ip: "10.0.0.1" }),
    at(2000, "UI:CLICK", { sessionId: "a" }),
    at(3_600_000, "API:ERROR", { sessionId: "a" }),
    at(3_600_001, "OTHER:NOBODY"),
  ]);
  expect(found).toEqual([
    { id: "a", user: "anna", ip: null, start: noon, end: noon + 3_600_000, events: 3, clicks: 1, pages: 0, errors: 1 },
    {
      id: "b",
      user: null,
      ip: "10.0.0.1",
      start: noon + 1000,
      end: noon + 1000,
      events: 1,
      clicks: 1,
      pages: 0,
      errors: 0,
    },
  ]);
});

test("a user without sessions begins a new one after half an hour of silence", () => {
  const minute = 60_000;
  const times = [0, 20 * minute, 49 * minute, 80 * minute];
  const found = sessions(times.map((ms) => at(ms, "UI:CLICK", { userId: "anna" })));
  expect(found.map(({ id, events }) => ({ id, events }))).toEqual([
    { id: "user:anna", events: 3 },
    { id: "user:anna", events: 1 },
  ]);
});

test("a rapid click comes a second at most after the one before it in its session", () => {
  const { clicks: found, top } = clicks([
    at(0, "UI:CLICK", { sessionId: "a", element: "buy" }),
    at(500, "UI:CLICK", { sessionId: "b", element: "buy" }),
    at(1000, "UI:CLICK", { sessionId: "a", element: "buy" }),
    at(2001, "UI:CLICK", { sessionId: "a", element: "pay" }),
  ]);
  expect(found.map(({ after, rapid }) => ({ after, rapid }))).toEqual([
    { after: null, rapid: false },
    { after: null, rapid: false },
    { after: 1000, rapid: true },
    { after: 1001, rapid: false },
  ]);
  expect(top).toEqual([
    { name: "buy", count: 3 },
    { name: "pay", count: 1 },
  ]);
});

test("an answer belongs to the last click of its session, five seconds at most", () => {
  const report = clickPerformance([
    at(0, "API:RESPONSE", { sessionId: "a", duration: 9 }),
    at(100, "UI:CLICK", { sessionId: "a", element: "buy" }),
    at(200, "UI:CLICK", { sessionId: "b", element: "pay" }),
    at(1600, "API:RESPONSE", { sessionId: "a", duration: 1500 }),
    at(5300, "API:RESPONSE", { sessionId: "b" }),
  ]);
  expect(report).toMatchObject({ average: 1500, slow: 1, unanswered: 1 });
  expect(report.pairs).toMatchObject([{ element: "buy", api: "API:RESPONSE", delay: 1500, took: 1500, slow: true }]);
});

test("patterns count what was clicked, seen and used, and know the peak hour", () => {
  const report = patterns([
    at(0, "UI:CLICK", { element: "buy" }),
    at(1, "NAV:PAGE_VIEW", { page: "/home" }),
    at(2, "UI:FEATURE_USED", { feature: "search" }),
    at(3_600_000, "UI:CLICK", { element: "buy" }),
  ]);
  expect(report).toMatchObject({
    clicks: [{ name: "buy", count: 2 }],
    pages: [{ name: "/home", count: 1 }],
    features: [{ name: "search", count: 1 }],
    peakHour: new Date(noon).getHours(),
  });
  expect(patterns([]).peakHour).toBeNull();
});

describe("triggers.conf", () => {
  test("is read as data: what only a shell could read is told", () => {
    const { triggers, problems } = triggersIn(
      [
        "# comment",
        "",
        "API:ERROR|/bin/mail -s 'api is down' me|Mail|true",
        "UI:*|echo hi||false",
        "A:B|echo {DATA}|old|true",
        "A:B|echo $(id)|evil|true",
        "A:B|echo hi; id",
        "|echo hi",
        "A:B||nothing",
        "A:B",
        "A:B|bash -c 'echo {DATA}'",
        "A:B|bash -lc {TOKEN}",
        "A:B|{TOKEN} x",
        "A:B|ssh host say {DATA}",
        "A:B|node --eval={DATA}",
        "A:B|echo {OTHER}",
        "A:B|echo hi | cat|piped|true",
        "A:B|echo hi | cat|piped",
      ].join("\n"),
    );
    expect(triggers).toEqual([
      {
        line: 3,
        pattern: "API:ERROR",
        command: "/bin/mail -s 'api is down' me",
        argv: ["/bin/mail", "-s", "api is down", "me"],
        description: "Mail",
        enabled: true,
      },
      { line: 4, pattern: "UI:*", command: "echo hi", argv: ["echo", "hi"], description: "", enabled: false },
      { line: 5, pattern: "A:B", command: "echo {DATA}", argv: ["echo", "{DATA}"], description: "old", enabled: true },
    ]);
    const lines = Array.from({ length: 13 }, (_, at) => `line ${at + 6}`);
    expect(problems.map((problem) => /line \d+/.exec(problem)?.[0])).toEqual(lines);
  });

  test.for([
    { pattern: "API:ERROR", fits: true },
    { pattern: "ERROR", fits: true },
    { pattern: "API:*", fits: true },
    { pattern: "TETRA:*:ERROR", fits: true },
    { pattern: "*", fits: true },
    { pattern: "UI:*", fits: false },
    { pattern: "API:ERR", fits: true },
    { pattern: "*:ERR", fits: false },
    { pattern: "API.ERROR*", fits: false },
  ])("$pattern fits TETRA:API:ERROR: $fits", ({ pattern, fits }) => {
    expect(isSetOff(trigger(pattern), at(0, "API:ERROR"))).toBe(fits);
  });

  test("one that is off is never set off", () => {
    expect(isSetOff({ ...trigger("*"), enabled: false }, at(0, "API:ERROR"))).toBe(false);
  });

  test.for([
    {
      pattern: "ADMIN_LOGIN",
      fits: at(0, "AUTH:LOGIN", { user: "admin" }),
      not: at(0, "AUTH:LOGIN", { user: "anna" }),
    },
    { pattern: "ADMIN_LOGIN", fits: at(0, "USER:SIGN_IN", { role: "admin" }), not: at(0, "ADMIN:PAGE") },
    { pattern: "LOGIN_FAILED", fits: at(0, "USER:LOGIN_FAILED"), not: at(0, "USER:LOGIN") },
    {
      pattern: "LOGIN_FAILED",
      fits: at(0, "USER:LOGIN", { success: false }),
      not: at(0, "USER:BLOGIN", { ok: false }),
    },
    { pattern: "ACCESS_DENIED", fits: at(0, "HTTP:GET", { status: 403 }), not: at(0, "HTTP:GET", { status: 404 }) },
    { pattern: "RATE_LIMITED", fits: at(0, "HTTP:GET", { status: "429" }), not: at(0, "HTTP:GET") },
    { pattern: "API_ERROR", fits: at(0, "API:RESPONSE", { status: 500 }), not: at(0, "UI:ERROR") },
    { pattern: "HIGH_RESPONSE_TIME", fits: at(0, "A:B", { duration: "1.5s" }), not: at(0, "A:B", { duration: 1000 }) },
    { pattern: "ANY_ERROR", fits: at(0, "UI:ERROR"), not: at(0, "UI:CLICK") },
    { pattern: "SESSION_START", fits: at(0, "USER:SESSION_START"), not: at(0, "USER:SESSION_END") },
  ])("the pattern $pattern fits by what the event says", ({ pattern, fits, not }) => {
    expect(namedPatterns.map(({ name }) => name)).toContain(pattern);
    expect(isSetOff(trigger(pattern), fits)).toBe(true);
    expect(isSetOff(trigger(pattern), not)).toBe(false);
  });

  function trigger(pattern: string): Trigger {
    return { line: 1, pattern, command: "true", argv: ["true"], description: "", enabled: true };
  }
});

describe("users", () => {
  test("have their sessions, addresses and times, and an address of several is told", () => {
    const { users, shared, nobodys } = tokenUsers([
      at(0, "USER:SESSION_START", { sessionId: "a", ip: "10.0.0.1" }),
      at(100, "USER:LOGIN", { sessionId: "a", userId: "anna" }),
      at(200, "UI:CLICK", { sessionId: "b", userId: "bert", ip: "10.0.0.1" }),
      at(300, "UI:CLICK", { sessionId: "c", userId: "anna", ip: "10.0.0.2", fingerprint: "f" }),
      at(400, "UI:CLICK", { sessionId: "d" }),
      at(500, "UI:CLICK"),
    ]);
    expect(users).toEqual([
      {
        user: "anna",
        events: 3,
        sessions: 2,
        ips: ["10.0.0.1", "10.0.0.2"],
        fingerprints: ["f"],
        firstSeen: noon,
        lastSeen: noon + 300,
      },
      {
        user: "bert",
        events: 1,
        sessions: 1,
        ips: ["10.0.0.1"],
        fingerprints: [],
        firstSeen: noon + 200,
        lastSeen: noon + 200,
      },
    ]);
    expect(shared).toEqual([{ ip: "10.0.0.1", users: ["anna", "bert"] }]);
    expect(nobodys).toBe(2);
  });

  test("an event is nobody's in a session that two have used", () => {
    const { users, nobodys } = tokenUsers([
      at(0, "UI:CLICK", { sessionId: "a", userId: "anna" }),
      at(1, "UI:CLICK", { sessionId: "a" }),
      at(2, "UI:CLICK", { sessionId: "a", userId: "__proto__" }),
    ]);
    expect(users.map(({ user, events }) => ({ user, events }))).toEqual([
      { user: "__proto__", events: 1 },
      { user: "anna", events: 1 },
    ]);
    expect(nobodys).toBe(1);
  });
});
