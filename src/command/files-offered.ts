import { type Candidate, type FileEntry, type Line, offeredValue, whole } from "./completing.ts";
import { matching } from "./matching.ts";

/** Files as typed so far, and folders on the way to others. Hidden ones only when asked for by their dot. */
export function files(line: Line, current: string, wanted: (file: FileEntry) => boolean = () => true): Candidate[] {
  const cut = current.lastIndexOf("/") + 1;
  const [folder, begun] = [current.slice(0, cut), current.slice(cut)];
  const seen = line
    .files(folder === "" ? "." : folder)
    .filter((file) => (file.folder || wanted(file)) && (begun.startsWith(".") || !file.name.startsWith(".")))
    .map((file) => ({ ...file, value: file.name, summary: file.folder ? "folder" : file.executable ? "program" : "" }));
  return matching(seen, begun, offeredValue).map((file) =>
    file.folder
      ? { value: `${folder}${file.name}/`, summary: file.summary, whole: false }
      : whole(folder + file.name, file.summary),
  );
}

/** `local` for `env/local.env`, and files that look like one. */
export function envFiles(line: Line, current: string): Candidate[] {
  const short = line
    .files("env")
    .filter(({ folder, name }) => !folder && name.endsWith(".env") && name !== ".env")
    .map(({ name }) => ({ value: name.slice(0, -".env".length), summary: `env/${name}` }));
  const hidden =
    current === "" ? line.files(".").filter(({ folder, name }) => !folder && /^\.env(\.|$)/.test(name)) : [];
  const named = files(line, current, ({ name }) => /(^|\.)env(\.|$)/.test(name));
  return [
    ...matching(short, current, offeredValue).map(({ value, summary }) => whole(value, summary)),
    ...hidden.map(({ name }) => whole(name, "")),
    ...named,
  ];
}

export function programsAndFiles(line: Line, current: string): Candidate[] {
  const here = files(line, current);
  if (current === "" || /[/~]/.test(current)) return here;
  const programs = line.programs().filter((name) => name.startsWith(current));
  return [...here, ...programs.map((name) => whole(name, "program"))];
}
