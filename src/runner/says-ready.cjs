"use strict";
// Loaded before a script that is waited for until it says process.send("ready"): nobody is at the other end of a channel
// here, so the word goes into a file, where who waits looks for the pid.
const { renameSync, writeFileSync } = require("node:fs");
const { isMainThread } = require("node:worker_threads");

// What it forks has a channel of its own, to it.
if (isMainThread && process.send === undefined) {
  process.send = (message, ...rest) => {
    if (message === "ready") {
      const { TSM_HOME, TSM_NAME } = process.env;
      const path = `${TSM_HOME}/runtime/processes/${TSM_NAME}/said-ready`;
      try {
        writeFileSync(`${path}.${process.pid}`, `${process.pid}\n`);
        renameSync(`${path}.${process.pid}`, path);
      } catch (error) {
        process.stderr.write(`tsm: that it is ready could not be written down: ${error.message}\n`);
      }
    }
    const callback = rest.findLast((each) => typeof each === "function");
    if (callback !== undefined) process.nextTick(callback, null);
    return true;
  };
}
