/** What `list` filters and sorts by, and what that is. */
export const fieldNames = {
  id: "Its id",
  name: "Its name",
  status: "starting, online, waiting, stopping, stopped or crashed",
  port: "The port it was given",
  pid: "Of its first process",
  mem: "Memory of its whole tree: 200M",
  cpu: "Percent of one core",
  restarts: "How often it was started again",
  uptime: "How long it has been up: 90s, 1h30m",
  type: "node, python, bash, …",
  namespace: "What several are called together",
} as const;

export type FieldName = keyof typeof fieldNames;
