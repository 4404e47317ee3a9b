/**
 * What an intruder in the connector would try, as a program of its own: it is compiled with the connector's permissions
 * and prints, as JSON, what came of each attempt. Runs in a home directory that holds `inside.txt`.
 */
const ATTEMPTS: Readonly<Record<string, () => unknown>> = {
  "reads inside": () => Deno.readTextFileSync("inside.txt"),
  "writes inside": () => Deno.writeTextFileSync("outcome.txt", "") ?? "written",
  "reads /etc/passwd": () => Deno.readTextFileSync("/etc/passwd").length,
  "reads by a way out": () => Deno.readTextFileSync("../../etc/passwd").length,
  "lists the directory above": () => [...Deno.readDirSync("..")].length,
  "writes /tmp": () => Deno.writeTextFileSync("/tmp/escape.txt", ""),
  "writes beside the home": () => Deno.writeTextFileSync("../escape.txt", ""),
  "removes the directory above": () => Deno.removeSync("..", { recursive: true }),
  "starts a process": () => new Deno.Command("/bin/true").outputSync().code,
  "loads a native library": () => Deno.dlopen("libc.so.6", {}),
  "ends another process": () => Deno.kill(1, "SIGTERM"),
  "sees a variable": () => Deno.env.get("PLANT_SECRET") ?? "not set",
  "asks a metadata service": () => Deno.connect({ hostname: "169.254.169.254", port: 80 }),
  "fetches code": () => import("https:" + "//127.0.0.1:1/x.js"),
};

const outcomes: Record<string, string> = {};
for (const [name, attempt] of Object.entries(ATTEMPTS)) {
  try {
    outcomes[name] = String(await attempt());
  } catch (error) {
    outcomes[name] = error instanceof Error ? error.name : String(error);
  }
}
console.log(JSON.stringify(outcomes));
