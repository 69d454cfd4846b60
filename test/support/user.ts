import { chownSync } from "node:fs";
import { onTestFinished } from "vitest";

/** Nobody: the user that tests become when they run as root, whom permissions do not hold back. */
const nobody = 65_534;
const isRoot = process.getuid?.() === 0;

/** For `spawn`: what makes the child an ordinary user. Nothing for who is one already. */
export function asUser(): { uid?: number; gid?: number } {
  return isRoot ? { uid: nobody, gid: nobody } : {};
}

/** Gives a file or folder to that user. */
export function giveToUser(path: string): void {
  if (isRoot) chownSync(path, nobody, nobody);
}

/** Makes this very process that user's until the test is over. `access(2)` still answers for root: use a child there. */
export function becomeUser(): void {
  if (!isRoot) return;
  process.seteuid?.(nobody);
  onTestFinished(() => process.seteuid?.(0));
}
