import { expect, test } from "vitest";
import { recognise } from "../../../src/integrations/recognise.ts";

test.for([
  ["Procfile", "", "procfile"],
  ["Procfile.dev", "", "procfile"],
  ["docker-compose.yml", "", "docker-compose"],
  ["compose.prod.yaml", "", "docker-compose"],
  ["process-compose.yaml", "", "process-compose"],
  ["supervisord.conf", "", "supervisord"],
  ["package.json", "", "package.json"],
  ["dump.pm2", "", "pm2"],
  ["dump.pm2.bak", "", "pm2"],
  ["list.txt", ' [{"pm_exec_path": "/x"}]', "pm2"],
  ["x", "web: node x\nworker: node y\n", "procfile"],
  ["x.yml", "version: '3'\nservices:\n  a: {}\n", "docker-compose"],
  ["x.yml", "processes:\n  a: {}\n", "process-compose"],
  ["app.conf", "; ours\n[program:x]\ncommand=y\n", "supervisord"],
  ["x.json", '{"scripts": {"a": "b"}}', "package.json"],
] as const)("%s with '%s' is %s", ([file, text, kind]) => {
  expect(recognise(`/srv/${file}`, text)).toBe(kind);
});

test.for([
  ["ecosystem.config.cjs", "", "an ecosystem file already"],
  ["x.yaml", "apps:\n  - script: x\n", "an ecosystem file already"],
  ["x.tsm", "", "a service already"],
  ["x", "TSM_COMMAND=x\n", "a service already"],
  ["x", "", "none of pm2"],
  ["server.js", "console.log(1)", "none of pm2"],
  ["x", "https://example.org\n", "none of pm2"],
] as const)("%s with '%s' is %s", ([file, text, because]) => {
  expect(() => recognise(`/srv/${file}`, text)).toThrow(because);
});
