import type { World } from "./world.ts";

/** Makes the home's folders and its hooks, and touches nothing that is there. @returns what was not. */
export function setup({ platform: { files }, home }: World): string[] {
  const folders = [home.root, home.processes, home.locks, home.events, `${home.root}/config`, home.hooks];
  const made = folders.filter((folder) => files.kind(folder) === "missing");
  for (const folder of folders) files.makeFolder(folder);
  for (const [name, body] of Object.entries(firstHooks)) {
    const path = `${home.hooks}/${name}.sh`;
    // A link that leads nowhere is somebody's too.
    if (files.kind(path) !== "missing" || files.list(home.hooks).includes(`${name}.sh`)) continue;
    files.writeWhole(path, body, { mode: 0o755 });
    made.push(path);
  }
  return made;
}

/** `$TETRA_DIR` is lent to a hook where it is not set: see pre-hook.bash. */
const firstHooks = {
  python: `#!/usr/bin/env bash
export PYENV_ROOT="$TETRA_DIR/pyenv"
export PATH="$PYENV_ROOT/bin:$PATH"
eval "$(pyenv init -)"
`,
  node: `#!/usr/bin/env bash
export NVM_DIR="$TETRA_DIR/nvm"
[ -s "$NVM_DIR/nvm.sh" ] && source "$NVM_DIR/nvm.sh"
`,
  tetra: `#!/usr/bin/env bash
source "$TETRA_DIR/tetra.sh"
`,
} as const;
