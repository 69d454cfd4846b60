import { type Check, type Finding, finding } from "./doctor-finding.ts";
import type { LookedAt } from "./doctor-look.ts";
import { rulesFindings, runtimeFindings, settingsFindings } from "./doctor-set-aside.ts";
import { isErrno } from "./errors.ts";
import { processPaths } from "./home.ts";
import { halfWritten } from "./leftovers.ts";
import { logLimits } from "./log-limits.ts";
import { logSizes } from "./log-sizes.ts";
import { needsCare } from "./needs-care.ts";
import { knownPolicy } from "./policy.ts";
import { portConflicts } from "./port-conflicts.ts";
import { badPortLines } from "./port-registry.ts";
import { quoteWord } from "./quote.ts";
import { holderText } from "./reconcile.ts";
import { damageAdvice } from "./records.ts";
import type { World } from "./world.ts";

/** What is wrong in the home itself. */
export const homeChecks: readonly Check[] = [
  { name: "directories", fine: "All folders of the home are there", look: directories },
  { name: "permissions", fine: "The home is open to nobody else", look: permissions },
  { name: "settings", fine: "The settings can be read", look: settingsFindings },
  { name: "notify", fine: "The rules of notify can be read", look: rulesFindings },
  { name: "records", fine: "Every record is whole", look: records },
  {
    name: "runtime",
    fine: "What processes say of themselves can be read",
    look: (world, looked) => runtimeFindings(world, looked.records.records),
  },
  { name: "runners", fine: "Everything that runs is watched", look: runners },
  { name: "locks", fine: "No lock is stale", look: locks },
  { name: "leftovers", fine: "Nothing was left lying about", look: leftovers },
  { name: "ports", fine: "No port is wanted twice", look: ports },
  { name: "services", fine: "Services are in order", look: services },
  { name: "logs", fine: "Logs are as long as they may be", look: logs },
];

function directories(world: World, looked: LookedAt): Finding[] {
  const { platform, home } = world;
  const { files } = platform;
  const kind = files.kind(home.root);
  if (kind === "missing")
    return [
      finding("directories", "note", `The home ${home.root} is not there yet`, {
        hint: "tsm setup or the first start makes it",
        fix: { does: "make-folder", path: home.root },
      }),
    ];
  if (kind !== "directory")
    return [finding("directories", "problem", `The home ${home.root} is a file`, { hint: "Set TSM_HOME to a folder" })];
  const known = [home.processes, home.locks, home.events, `${home.root}/config`, home.hooks];
  return known.flatMap((path): Finding[] => {
    const found = files.kind(path);
    if (found === "directory") return [];
    if (found !== "missing")
      return [
        finding("directories", "problem", `${path} is a file where a folder should be`, { hint: "Move it away" }),
      ];
    // A home on which nothing but `start` was ever used has neither of these; and one that runs nothing needs none.
    const isOptional = path === home.hooks || path === `${home.root}/config`;
    if (isOptional || looked.records.records.length === 0) return [];
    return [finding("directories", "warning", `The folder ${path} is missing`, { fix: { does: "make-folder", path } })];
  });
}

function permissions({ platform: { files }, home }: World): Finding[] {
  const names = listOrNone({ files }, home.processes).filter((name) => !name.startsWith("."));
  const folders = [
    ...[home.root, home.processes, home.locks, home.events, `${home.root}/config`, home.deeds],
    ...names.map((name) => `${home.processes}/${name}`),
  ];
  const secrets = names.flatMap((name) => {
    const { launch } = processPaths(home, name);
    return [`${launch}/env`, `${launch}/overlay`];
  });
  const closed = (paths: readonly string[], mode: number) =>
    paths.flatMap((path): Finding[] => {
      const stat = files.stat(path);
      if (stat === undefined || (stat.mode & 0o077) === 0) return [];
      const shown = (stat.mode & 0o7777).toString(8).padStart(4, "0");
      return [
        finding("permissions", "warning", `${path} is open to others (${shown})`, {
          fix: { does: "set-mode", path, mode },
        }),
      ];
    });
  const unwritable = folders
    .filter((path) => files.kind(path) === "directory" && !files.isWritable(path))
    .map((path) =>
      finding("permissions", "problem", `${path} cannot be written`, { hint: "Check its owner and permissions" }),
    );
  const owner = files.stat(home.root)?.userId;
  const others = [...folders, ...secrets]
    .filter((path) => owner !== undefined && (files.stat(path)?.userId ?? owner) !== owner)
    .map((path) =>
      finding("permissions", "warning", `${path} belongs to another user than the home`, {
        hint: `sudo chown -R ${owner} ${quoteWord(home.root)} gives the home what is its own`,
      }),
    );
  return [
    ...unwritable,
    ...others,
    ...closed(
      folders.filter((path) => files.kind(path) === "directory"),
      0o700,
    ),
    ...closed(secrets, 0o600),
  ];
}

function records(_world: World, { records: { damaged } }: LookedAt): Finding[] {
  return damaged.map(({ name, problem }) =>
    finding("records", "problem", `The record of '${name}' is damaged: ${problem}`, {
      hint: damageAdvice(name),
      fix: { does: "mend-record", name },
    }),
  );
}

function runners(world: World, { records: { records: all } }: LookedAt): Finding[] {
  return all
    .filter((record) => needsCare(world, record))
    .map(({ name }) =>
      finding("runners", "warning", `'${name}' has lost its runner: nobody would bring it back`, {
        fix: { does: "adopt" },
      }),
    );
}

function locks(world: World): Finding[] {
  const { files, locks: all } = world.platform;
  const folder = world.home.locks;
  if (files.kind(folder) !== "directory") return [];
  return files
    .list(folder)
    .filter((name) => !name.endsWith(".tmp"))
    .flatMap((name): Finding[] => {
      const held = lookOrNone(() => all.look(`${folder}/${name}`));
      if (held?.stale !== true) return [];
      const who = held.holder === undefined ? "nobody can be made out" : `PID ${held.holder.pid} is gone`;
      return [
        finding("locks", "warning", `The lock ${name} is stale: ${who}`, {
          fix: { does: "release-lock", path: `${folder}/${name}` },
        }),
      ];
    });
}

/** What killed programs have left: half-written files, and folders that were on their way out. */
function leftovers(world: World): Finding[] {
  const { platform, home } = world;
  const { files } = platform;
  const names = listOrNone({ files }, home.processes);
  const goingOut = names.filter((name) => name.startsWith(".deleted-")).map((name) => `${home.processes}/${name}`);
  const empty = names
    .filter((name) => !name.startsWith("."))
    .map((name) => `${home.processes}/${name}`)
    .filter((path) => files.kind(path) === "directory" && listOrNone({ files }, path).length === 0);
  return [...goingOut, ...empty, ...halfWritten(world)].map((path) =>
    finding("leftovers", "warning", `${path} was left behind`, { fix: { does: "remove", path } }),
  );
}

async function ports(world: World): Promise<Finding[]> {
  const bad = badPortLines(world);
  const [first] = bad;
  const more = bad.length > 1 ? ` (and ${bad.length - 1} more)` : "";
  const lines =
    first === undefined
      ? []
      : [
          finding(
            "ports",
            "warning",
            `Line ${first.number} of ${world.home.ports} is no name:port: '${first.text.trim().slice(0, 60)}'${more}`,
            {
              hint: "Such a line counts for nothing: name:port, with a port from 1 to 65535, or a comment after #",
              fix: { does: "comment-out", path: world.home.ports, lines: bad.map(({ number }) => number) },
            },
          ),
        ];
  const conflicts = await portConflicts(world);
  const wantedTwice = conflicts.map(({ port, claims, heldBy }) => {
    const wanted = claims.map(({ by, name }) => `${by} ${name}`).join(", ");
    const held = heldBy === null ? "" : ` and is held by ${holderText(heldBy)}`;
    return finding("ports", "warning", `Port ${port} is wanted by ${wanted}${held}`, { hint: `tsm ports who ${port}` });
  });
  return [...lines, ...wantedTwice];
}

async function services(world: World): Promise<Finding[]> {
  const { audit } = await import("./audit.ts");
  const { issues } = audit(world);
  if (issues.length === 0) return [];
  const count = issues.length === 1 ? "An issue" : `${issues.length} issues`;
  return [
    finding("services", "warning", `${count} with services, the first: ${issues[0]?.subject}: ${issues[0]?.text}`, {
      hint: "tsm audit shows all",
    }),
  ];
}

function logs(world: World, { records: { records: all } }: LookedAt): Finding[] {
  const { files } = world.platform;
  const current = world.settings();
  const sizes = logSizes(world, all);
  return sizes.flatMap(({ name, live, total }): Finding[] => {
    const policy = knownPolicy(files, processPaths(world.home, name).launch, "no");
    const { maxBytes, keep } = logLimits(policy.logs, current);
    // Two streams; a pass each minute brings them back to their limit.
    if (live > 4 * maxBytes)
      return [
        finding("logs", "warning", `The logs of '${name}' are ${live} bytes long, and ${maxBytes} each are allowed`, {
          fix: { does: "rotate", name },
        }),
      ];
    return total > 2 * (keep + 2) * maxBytes
      ? [
          finding("logs", "warning", `The logs of '${name}' take ${total} bytes`, {
            hint: `tsm flush ${quoteWord(name)} throws them away`,
          }),
        ]
      : [];
  });
}

function listOrNone({ files }: Pick<World["platform"], "files">, folder: string): string[] {
  return lookOrNone(() => files.list(folder)) ?? [];
}

/** What may not be looked into is another check's to tell. */
function lookOrNone<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch (error) {
    if (isErrno(error, "EACCES", "EPERM", "ENOTDIR", "EISDIR")) return undefined;
    throw error;
  }
}
