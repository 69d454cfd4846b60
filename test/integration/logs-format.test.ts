import { expect, test } from "vitest";
import { makeHome } from "../support/home.ts";
import { logOf } from "../support/record.ts";
import { openScreen } from "../support/screen.ts";
import { script } from "../support/scripts.ts";
import { program, tsm, tsmJson } from "../support/tsm.ts";
import { until } from "../support/until.ts";

async function homeWithLines() {
  const home = makeHome();
  script(home, "app.sh", "echo 'it is fine'; echo '{\"a\":1}' >&2; exec sleep 600\n");
  await tsm(home, ["start", "app.sh", "--settle", "0", "--name", "it"]);
  await until("it has written", () => logOf(home, "it").includes("fine") && logOf(home, "it", "err").includes("a"));
  return home;
}

test("logs --format says all that is known of a line before it, as pm2 does", async () => {
  const home = await homeWithLines();
  const { code, stdout, stderr } = await tsm(home, ["logs", "it", "--format", "--nostream"], { env: { TZ: "UTC" } });
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout.split("\n")).toEqual([
    expect.stringMatching(/^timestamp=\d{4}-\d\d-\d\d-\d\d:\d\d:\d\d\+0000 app=it id=0 type=out message=it is fine$/),
    expect.stringMatching(/^timestamp=\S+ app=it id=0 type=err message=\{"a":1\}$/),
    "",
  ]);
});

test("--timestamp takes a format, and the word behind it that is none is a process", async () => {
  const home = await homeWithLines();
  const env = { TZ: "UTC" };
  const formatted = await tsm(home, ["logs", "--timestamp", "[at] YYYY/MM/DD HH.mm", "it", "--out"], { env });
  expect(formatted.stdout).toMatch(/^at \d{4}\/\d\d\/\d\d \d\d\.\d\d it is fine\n$/);
  const plain = await tsm(home, ["logs", "--timestamp", "it", "--out"], { env });
  expect(plain.stdout).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00 it is fine\n$/);
  expect(await tsm(home, ["logs", "it", "--timestamp=soon"])).toMatchObject({ code: 64 });
});

test("--highlight marks the text on a terminal, and leaves a pipe as it is", async () => {
  const home = await homeWithLines();
  expect((await tsm(home, ["logs", "it", "--out", "--highlight", "is"])).stdout).toBe("it is fine\n");
  const screen = openScreen(process.execPath, [program, "logs", "it", "--out", "--highlight", "is"], {
    cwd: home.folder,
    env: { TSM_HOME: home.path, TERM: "xterm-256color", PATH: process.env["PATH"] ?? "" },
    columns: 80,
    rows: 5,
  });
  await screen.waitFor((seen) => seen.text().includes("it is fine"));
  expect(screen.bytes()).toContain("\u001b[7mis\u001b[27m");
});

test("jlist --env adds the environment of each as it is", async () => {
  const home = makeHome();
  script(home, "app.sh", "exec sleep 600\n");
  await tsm(home, ["start", "app.sh", "--settle", "0", "--name", "it"], { env: { API_TOKEN: "t0k3n" } });
  expect((await tsm(home, ["jlist"])).stdout).not.toContain("t0k3n");
  expect(await tsmJson(home, ["jlist", "--env"])).toMatchObject([{ pm2_env: { env: { API_TOKEN: "t0k3n" } } }]);
});
