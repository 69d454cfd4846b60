/** What the first shell of a home begins with: the four things to know. */
export const welcome: readonly string[] = [
  "Welcome to tsm. Verbs work bare or with /: start server.sh, /stop server, /help.",
  "Tab completes, ? behind a line explains it, and !cmd runs cmd in bash.",
  "Ctrl-D leaves, and everything keeps running. /tour shows it in a minute.",
];
