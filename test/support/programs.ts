/** The files beside a program of which nothing is run. */
export const noPrograms = {
  runner: "",
  ticker: "",
  resume: "",
  stamper: "",
  ecosystem: "",
  saysReady: "",
  server: "",
  node: "",
  tsm: "",
};
