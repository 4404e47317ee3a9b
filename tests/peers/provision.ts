/**
 * Installs what the interop tests start: Debian packages (tests/peers/debian.txt), Python packages
 * (tests/peers/requirements.txt, in a virtual environment under .peers/) and Java libraries (the pom.xml files under
 * tests/peers/java, each into a folder of .peers/). Does nothing where all of it is there.
 * @throws when something cannot be installed, saying what to install by hand
 */
const here = new URL("./", import.meta.url);
const peersDir = new URL("../../.peers/", here).pathname;

/** The Python of the virtual environment. */
export const PYTHON = `${peersDir}venv/bin/python`;

/** The Java libraries, as a class path. */
export const CLASS_PATH = `${peersDir}java/*`;

/** The broker HiveMQ and its libraries, as a class path. */
export const HIVEMQ_CLASS_PATH = `${peersDir}hivemq/*`;

/** The OPC UA server Eclipse Milo and its libraries, as a class path. */
export const MILO_CLASS_PATH = `${peersDir}milo/*`;

const MAVEN_COPY = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies";

export async function provision(): Promise<void> {
  await provisionDebian();
  await provisionPython();
  await provisionJava();
}

async function provisionDebian(): Promise<void> {
  const wanted = listed("debian.txt");
  const missing: string[] = [];
  for (const name of wanted) if (!(await isInstalled(name))) missing.push(name);
  if (missing.length === 0) return;
  const byHand = `Install by hand and run again: ${missing.join(" ")}`;
  if (Deno.build.os !== "linux" || !(await succeeds("apt-get", ["--version"]))) {
    throw new Error(`The tests install their peers on Debian or Ubuntu only. ${byHand}`);
  }
  if (Deno.uid() !== 0) throw new Error(`Installing the tests' peers takes root. ${byHand}`);
  const env = { DEBIAN_FRONTEND: "noninteractive" };
  await run("apt-get", ["update", "-qq"], env);
  await run("apt-get", ["install", "-y", "-qq", "--no-install-recommends", ...missing], env);
}

async function isInstalled(name: string): Promise<boolean> {
  const query = new Deno.Command("dpkg-query", {
    args: ["-W", "-f", "${Status}", name],
    stdout: "piped",
    stderr: "null",
  });
  try {
    return new TextDecoder().decode((await query.output()).stdout).includes("ok installed");
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return await succeeds(name, ["-h"]);
    throw error;
  }
}

async function provisionPython(): Promise<void> {
  const wanted = Deno.readTextFileSync(new URL("requirements.txt", here));
  const stamp = `${peersDir}requirements.installed`;
  if (textOf(stamp) === wanted && (await succeeds(PYTHON, ["--version"]))) return;
  await Deno.mkdir(peersDir, { recursive: true });
  await run("python3", ["-m", "venv", `${peersDir}venv`]);
  await run(PYTHON, [
    "-m",
    "pip",
    "install",
    "--quiet",
    "--disable-pip-version-check",
    "-r",
    new URL("requirements.txt", here).pathname,
  ]);
  await Deno.writeTextFile(stamp, wanted);
}

async function provisionJava(): Promise<void> {
  await provisionMaven("java/pom.xml", `${peersDir}java`);
  await provisionMaven("java/hivemq/pom.xml", `${peersDir}hivemq`);
  await provisionMaven("java/milo/pom.xml", `${peersDir}milo`);
}

async function provisionMaven(pomPath: string, folder: string): Promise<void> {
  const pom = new URL(pomPath, here);
  const wanted = Deno.readTextFileSync(pom);
  const stamp = `${folder}/pom.installed`;
  if (textOf(stamp) === wanted) return;
  await Deno.mkdir(folder, { recursive: true });
  await run("mvn", ["-q", "-B", "-f", pom.pathname, MAVEN_COPY, `-DoutputDirectory=${folder}`]);
  await Deno.writeTextFile(stamp, wanted);
}

function listed(name: string): string[] {
  return Deno.readTextFileSync(new URL(name, here)).split("\n").map((line) => line.trim()).filter(Boolean);
}

function textOf(path: string): string | undefined {
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

async function succeeds(command: string, args: string[]): Promise<boolean> {
  try {
    return (await new Deno.Command(command, { args, stdout: "null", stderr: "null" }).output()).success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

async function run(command: string, args: string[], env: Record<string, string> = {}): Promise<void> {
  const { success, stderr, stdout } = await new Deno.Command(command, { args, env, stdout: "piped", stderr: "piped" })
    .output();
  if (success) return;
  const text = new TextDecoder().decode(stderr) + new TextDecoder().decode(stdout);
  throw new Error(`Cannot install the tests' peers: ${command} ${args.join(" ")}\n${text.slice(-2000)}`);
}

if (import.meta.main) await provision();
