import { defineCommand, toggle } from "../src/command/define.ts";

export default defineCommand({
  name: "jlist",
  summary: "The processes as JSON with the names that pm2 gives its fields",
  details: [
    "On one line, all of them, stopped ones too: pid, name, pm_id, monit (memory in bytes, cpu in percent) and pm2_env with status, pm_uptime, created_at, restart_time, unstable_restarts, pm_exec_path, pm_cwd, exec_interpreter, exec_mode, args, node_args, instances, namespace, watch, autorestart, pm_out_log_path, pm_err_log_path, pm_pid_path and what they were started with. Not the environment, in which secrets are: --env adds it as it is, as pm2_env.env.",
    "pid is 0 where nothing runs. status is online, launching, stopping, stopped, errored or waiting restart.",
  ],
  effect: "reads",
  args: {},
  flags: { env: toggle("With the environment of each, secrets and all") },
  examples: ["jlist", "jlist --env"],
  run: ({ env }, { engine }) => engine.pm2List(env),
  *render(processes) {
    yield JSON.stringify(processes);
  },
});
