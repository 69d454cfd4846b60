import { expect, test } from "vitest";
import { fromSupervisord } from "../../../src/integrations/supervisord.ts";
import { importSource, places, said } from "../../support/import-source.ts";

const file = "/etc/supervisor/supervisord.conf";

function one(lines: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const { apps, remarks } = fromSupervisord(importSource(file, `[program:x]\n${lines.join("\n")}\n`, { env }));
  return { app: said(apps[0]), remarks };
}

const plain = { name: "x", script: "run", interpreter: "none", cwd: "/etc/supervisor", autorestart: "on-failure" };

test.for([
  { lines: ["command=run"], gives: {} },
  { lines: ['command = run \'a b\' "c\\"d" ; a comment'], gives: { args: ["a b", 'c"d'] } },
  { lines: ["command=run", "  --more", "  words"], gives: { args: ["--more", "words"] } },
  { lines: ['command=bash -c "a && b"'], gives: { script: "a && b", interpreter: undefined } },
  { lines: ["command=run", "directory=%(here)s/app"], gives: { cwd: "/etc/supervisor/app" } },
  { lines: ["command=run -n w@%(host_node_name)s"], gives: { args: ["-n", "w@myhost"] } },
  { lines: ["command=run %(ENV_USER)s 100%%"], gives: { args: ["me", "100%"] } },
  {
    lines: ["command=run", "environment=A=\"1,2\",B='x y',C=%(here)s,D="],
    gives: { env: { A: "1,2", B: "x y", C: "/etc/supervisor", D: "" } },
  },
  { lines: ["command=run", 'environment=A="1",', '    B="2"'], gives: { env: { A: "1", B: "2" } } },
  { lines: ["command=run", "autostart=false", "autorestart=true"], gives: { autostart: false, autorestart: true } },
  { lines: ["command=run", "autorestart=false"], gives: { autorestart: false } },
  { lines: ["command=run", "exitcodes=0,2"], gives: { stop_exit_codes: [0, 2] } },
  { lines: ["command=run", "startsecs=10", "startretries=7"], gives: { min_uptime: 10_000, max_restarts: 7 } },
  {
    lines: ["command=run", "stopsignal=QUIT", "stopwaitsecs=20"],
    gives: { kill_signal: "SIGQUIT", kill_timeout: 20_000 },
  },
  { lines: ["command=run", "user=www-data"], gives: { uid: "www-data" } },
  {
    lines: ["command=run", "stdout_logfile=/o", "stderr_logfile=NONE"],
    gives: { out_file: "/o", error_file: "/dev/null" },
  },
  {
    lines: ["command=run", "redirect_stderr=true", "stdout_logfile=logs/o"],
    gives: { log_file: "/etc/supervisor/logs/o" },
  },
  { lines: ["command=run", "stdout_logfile=AUTO", "stderr_logfile=/dev/stderr"], gives: {} },
  {
    lines: ["command=run", "stdout_logfile_maxbytes=50MB", "stdout_logfile_backups=3"],
    gives: { log: { max_size: "50M", keep: 3 } },
  },
])("$lines", ({ lines, gives }) => {
  expect(one(lines, { USER: "me" }).app).toEqual(said({ ...plain, ...gives }));
});

test("numprocs are apps of their own, each with its number", () => {
  const text = `[program:web]
command=run --port=80%(process_num)02d
numprocs=2
numprocs_start=5
process_name=%(program_name)s_%(process_num)02d
[program:plain]
command=run
numprocs=2
`;
  const { apps } = fromSupervisord(importSource(file, text));
  expect(apps.map(({ name, args }) => [name, args?.[0]])).toEqual([
    ["web_05", "--port=8005"],
    ["web_06", "--port=8006"],
    ["plain_00", undefined],
    ["plain_01", undefined],
  ]);
});

test("groups are namespaces, priorities an order, and [supervisord] speaks for all", () => {
  const text = `[supervisord]
environment=ALL="1",MINE="no"
directory=/srv
[program:late]
command=run
[program:early]
command=run
priority=5
environment=MINE="yes"
[group:both]
programs=late, early
`;
  const { apps } = fromSupervisord(importSource(file, text));
  expect(apps.map(said)).toMatchObject([
    { name: "early", namespace: "both", cwd: "/srv", env: { ALL: "1", MINE: "yes" } },
    { name: "late", namespace: "both", cwd: "/srv", env: { ALL: "1", MINE: "no" } },
  ]);
});

test("what is included is read too, and %(here)s is its own folder there", () => {
  const files = {
    "/etc/supervisor/conf.d/a.conf": "[program:a]\ncommand=run %(here)s\n",
    "/etc/supervisor/conf.d/b.txt": "",
  };
  const included = fromSupervisord(importSource(file, "[include]\nfiles = conf.d/*.conf other/*.ini\n", { files }));
  expect(included.apps).toMatchObject([{ name: "a", args: ["/etc/supervisor/conf.d"] }]);
  expect(places(included.remarks, "lost")).toEqual(["- include:2"]);
});

test("what cannot be carried is told by line", () => {
  const text = `[program:x]
command=run %(nobody)s
umask=022
stdout_syslog=true
numprocs=many
bogus=1
stray
[program:none]
[program:open]
command=run "a
[program:all]
command=run
numprocs=100000
[eventlistener:y]
command=run
`;
  const { apps, remarks } = fromSupervisord(importSource(file, text));
  expect(apps.map(({ name }) => name)).toEqual(["x"]);
  expect(places(remarks, "lost")).toEqual([
    "- supervisord.conf:7",
    "x numprocs:5",
    "x command:2",
    "x umask:3",
    "x stdout_syslog:4",
    "x bogus:6",
    "none command:8",
    "open command:10",
    "all numprocs:13",
    "y eventlistener:y:14",
  ]);
});
