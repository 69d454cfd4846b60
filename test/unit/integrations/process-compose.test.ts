import { expect, test } from "vitest";
import { fromProcessCompose } from "../../../src/integrations/process-compose.ts";
import { importSource, places, said } from "../../support/import-source.ts";

const file = "/srv/process-compose.yaml";

test("processes with all that can be carried", () => {
  const text = `version: "0.5"
environment: ["ALL=1", "MINE=no"]
processes:
  db:
    command: postgres -D data
    readiness_probe: {exec: {command: pg_isready}, initial_delay_seconds: 1, period_seconds: 2, failure_threshold: 5}
    availability: {restart: on_failure, backoff_seconds: 1.5, max_restarts: 5}
    shutdown: {signal: 2, timeout_seconds: 9}
  api:
    command: |
      cd app
      exec node server.js --port $$PORT
    working_dir: ./api
    namespace: back
    environment: {MINE: "yes", PORT: 3000}
    depends_on: {db: {condition: process_healthy}}
    liveness_probe: {http_get: {host: 127.0.0.1, scheme: http, path: /h, port: 3000}, period_seconds: 5, failure_threshold: 2}
    availability: {restart: always}
    replicas: 2
    log_location: logs/api.log
    description: ours
  odd: {entrypoint: [node, "a b.js"], disabled: true, ready_log_line: "up (now)"}
`;
  const { apps, remarks } = fromProcessCompose(importSource(file, text, { files: { "/srv/.env": "" } }));
  expect(apps.map(said)).toEqual([
    {
      name: "db",
      script: "postgres -D data",
      cwd: "/srv",
      env: { ALL: "1", MINE: "no" },
      env_file: "/srv/.env",
      autorestart: "on-failure",
      max_restarts: 5,
      restart_delay: 1500,
      kill_signal: "SIGINT",
      kill_timeout: 9000,
      ready: "cmd:pg_isready",
      ready_timeout: 11_000,
    },
    {
      name: "api",
      namespace: "back",
      script: "cd app\nexec node server.js --port $PORT",
      cwd: "/srv/api",
      env: { ALL: "1", MINE: "yes", PORT: "3000" },
      env_file: "/srv/.env",
      instances: 2,
      instance_var: "PC_REPLICA_NUM",
      depends_on: ["db"],
      autorestart: true,
      health: "http://127.0.0.1:3000/h",
      health_interval: 5000,
      health_failures: 2,
      log_file: "/srv/logs/api.log",
    },
    {
      name: "odd",
      script: "node",
      args: ["a b.js"],
      interpreter: "none",
      cwd: "/srv",
      env: { ALL: "1", MINE: "no" },
      env_file: "/srv/.env",
      autostart: false,
      autorestart: false,
      ready: "log:/up \\(now\\)/",
    },
  ]);
  expect(remarks).toEqual([]);
});

test("what cannot be carried is told by line", () => {
  const text = `shell: {shell_command: zsh}
processes:
  once: {command: migrate all}
  x:
    command: run {{.PC_REPLICA_NUM}}
    depends_on: {once: {condition: process_completed_successfully}, nobody: {condition: process_started}}
    is_daemon: true
    availability: {restart: exit_on_failure, exit_on_end: true}
    shutdown: {command: bye now, signal: 77}
    readiness_probe: {http_get: {host: "a b", port: 1}, timeout_seconds: 3}
    bogus: 1
  none: {}
  wrong: 7
`;
  const { apps, remarks } = fromProcessCompose(importSource(file, text));
  expect(apps.map(({ name, autostart }) => [name, autostart])).toEqual([
    ["once", false],
    ["x", undefined],
  ]);
  expect(places(remarks, "lost").sort()).toEqual([
    "- shell:1",
    "none command:12",
    "wrong wrong:13",
    "x availability:8",
    "x bogus:11",
    "x depends_on:6",
    "x depends_on:6",
    "x is_daemon:7",
    "x readiness_probe:10",
    "x readiness_probe:10",
    "x shutdown:9",
    "x shutdown:9",
  ]);
  expect(places(remarks, "changed").sort()).toEqual(["once availability:3", "x availability:8", "x command:5"]);
});

test("vars are filled in where process-compose does it, and what is more than a name is told", () => {
  const text = `vars: {WHERE: /srv/app, PORT: 3000, EMPTY: ""}
processes:
  api:
    vars: {PORT: 4000, FAST: true}
    command: node {{.WHERE}}/app.js --port={{ .PORT }} --fast={{.FAST}} [{{.EMPTY}}]
    working_dir: "{{.WHERE}}"
    environment: ["URL=http://x:{{.PORT}}/"]
    readiness_probe: {http_get: {port: "{{.PORT}}", path: "/{{.FAST}}"}}
  odd:
    command: run {{.NOBODY}} {{if .PORT}}x{{end}} {{.constructor}}
    environment: {A: "{{.NOBODY}}"}
  json:
    is_template_disabled: true
    command: run '{{.PORT}}'
`;
  const { apps, remarks } = fromProcessCompose(importSource(file, text));
  expect(apps).toMatchObject([
    {
      script: "node /srv/app/app.js --port=4000 --fast=true []",
      cwd: "/srv/app",
      env: { URL: "http://x:4000/" },
      ready: "http://127.0.0.1:4000/true",
    },
    { script: "run {{.NOBODY}} {{if .PORT}}x{{end}} {{.constructor}}", env: { A: "{{.NOBODY}}" } },
    { script: "run '{{.PORT}}'" },
  ]);
  expect(places(remarks, "changed")).toEqual(["odd command:10", "odd environment:11"]);
  expect(places(remarks, "lost")).toEqual([]);
});

test("variables of the file are filled in from .env and the environment, those of a command by its shell", () => {
  const text = `processes:
  api:
    command: node app.js \${VERSION} $NOPE
    working_dir: ./\${VERSION}
    environment: ["A=\${VERSION}-$HERE", "B=$$HOME", "C=\${NOPE}", "D=\${NOPE:-d}"]
    availability: {restart: on_failure, backoff_seconds: "\${WAIT}"}
`;
  const source = importSource(file, text, { files: { "/srv/.env": "VERSION=1.2\nWAIT=3\n" }, env: { HERE: "x" } });
  const { apps, remarks } = fromProcessCompose(source);
  expect(apps[0]).toMatchObject({
    script: `node app.js \${VERSION} $NOPE`,
    cwd: "/srv/1.2",
    env: { A: "1.2-x", B: "$HOME", C: "", D: "d" },
    restart_delay: 3000,
  });
  expect(remarks.map(({ what }) => what)).toEqual(["is not set: it is empty"]);
});
