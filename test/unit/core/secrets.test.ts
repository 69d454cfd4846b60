import { expect, test } from "vitest";
import { isSecretName, maskedArguments, maskedValue } from "../../../src/core/secrets.ts";

test.for([
  { name: "PASSWORD", secret: true },
  { name: "DB_PASSWORD", secret: true },
  { name: "PGPASSWORD", secret: true },
  { name: "DB_PASS", secret: true },
  { name: "passwd", secret: true },
  { name: "passphrase", secret: true },
  { name: "MY_SECRET", secret: true },
  { name: "SECRET_KEY_BASE", secret: true },
  { name: "GITHUB_TOKEN", secret: true },
  { name: "token", secret: true },
  { name: "API_KEY", secret: true },
  { name: "apikey", secret: true },
  { name: "api-key", secret: true },
  { name: "AWS_ACCESS_KEY_ID", secret: true },
  { name: "STRIPE_KEY", secret: true },
  { name: "KEY", secret: true },
  { name: "PRIVATE_KEY_PATH", secret: true },
  { name: "CREDENTIALS", secret: true },
  { name: "HTTP_AUTH", secret: true },
  { name: "SENTRY_DSN", secret: true },
  { name: "SLACK_WEBHOOK_URL", secret: true },
  { name: "webhook", secret: true },
  { name: "WEBHOOK_PORT", secret: false },
  { name: "KEYBOARD", secret: false },
  { name: "MONKEY", secret: false },
  { name: "PATH", secret: false },
  { name: "AUTHOR", secret: false },
  { name: "COMPASS_HOME", secret: false },
  { name: "PORT", secret: false },
])("$name is a secret: $secret", ({ name, secret }) => {
  expect(isSecretName(name)).toBe(secret);
});

test.for([
  { name: "TOKEN", value: "x", shown: "***MASKED***", because: "its name says so" },
  { name: "TOKEN", value: "", shown: "", because: "nothing is no secret" },
  {
    name: "URL",
    value: "postgres://me:pw@db/x",
    shown: "postgres://me:***MASKED***@db/x",
    because: "a password in a URL",
  },
  { name: "URL", value: "redis://:pw@db", shown: "redis://:***MASKED***@db", because: "a password without a user" },
  { name: "URL", value: "http://host:80/a@b", shown: "http://host:80/a@b", because: "a port is no password" },
  {
    name: "URL",
    value: "https://h/x?a=1&token=s&b=2#c",
    shown: "https://h/x?a=1&token=***MASKED***&b=2#c",
    because: "a secret in a query",
  },
  { name: "HOME", value: "/root", shown: "/root", because: "nothing secret" },
])("$name=$value is shown as $shown: $because", ({ name, value, shown }) => {
  expect(maskedValue(name, value)).toBe(shown);
});

test.for([
  { argv: ["x", "--token", "s"], shown: ["x", "--token", "***MASKED***"], because: "the value behind a flag" },
  { argv: ["x", "--token=s"], shown: ["x", "--token=***MASKED***"], because: "the value in a flag" },
  { argv: ["x", "--api-key", "s"], shown: ["x", "--api-key", "***MASKED***"], because: "a flag of two words" },
  { argv: ["x", "--token", "--verbose"], shown: ["x", "--token", "--verbose"], because: "a flag is no value" },
  { argv: ["x", "TOKEN=s"], shown: ["x", "TOKEN=***MASKED***"], because: "an assignment" },
  { argv: ["x", "TOKEN="], shown: ["x", "TOKEN="], because: "nothing is no secret" },
  { argv: ["x", "TOKEN=a\nb"], shown: ["x", "TOKEN=***MASKED***"], because: "all its lines" },
  { argv: ["x", "--url=http://a:s@h"], shown: ["x", "--url=http://a:***MASKED***@h"], because: "a URL in a flag" },
  {
    argv: ["sh", "-c", "TOKEN=s node x"],
    shown: ["sh", "-c", "TOKEN=***MASKED*** node x"],
    because: "inside a shell string",
  },
  {
    argv: ["sh", "-c", "x --token 's s' y"],
    shown: ["sh", "-c", "x --token ***MASKED*** y"],
    because: "quoted inside it",
  },
  {
    argv: ["curl", "-H", "Authorization: Bearer abcdefgh"],
    shown: ["curl", "-H", "Authorization: Bearer ***MASKED***"],
    because: "a header",
  },
  {
    argv: ["sh", "-c", "curl -H 'Authorization: Bearer abcdefgh' https://h/?key=s"],
    shown: ["sh", "-c", "curl -H 'Authorization: Bearer ***MASKED***' https://h/?key=***MASKED***"],
    because: "a header inside it, and a query",
  },
  { argv: ["sh", "-c", "A=1 x --port 3"], shown: ["sh", "-c", "A=1 x --port 3"], because: "the rest of it stays" },
  { argv: ["node", "key", "value"], shown: ["node", "key", "value"], because: "plain words stay" },
])("$argv: $because", ({ argv, shown }) => {
  expect(maskedArguments(argv)).toEqual(shown);
});

test.for(["a", "-a", "a:", "--", "a=", "://", "://a:", "= ", '"a=', "- "])(
  "an argument of a million bytes of %o is masked like a short one",
  (part) => {
    // Were any expression quadratic, this would take an hour.
    const text = part.repeat(1_000_000 / part.length);
    expect(maskedArguments(["-c", text, text]).join("").length).toBeGreaterThan(0);
    expect(maskedValue("NAME", text)).toBe(text);
  },
);
