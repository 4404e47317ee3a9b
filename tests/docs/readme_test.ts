/** The commands of README.md, given as they stand there, in a home that has what they speak of. */
import assert from "node:assert/strict";
import { runCommand } from "../../src/cli/mod.ts";
import { filledHome } from "../fakes/spooled_home.ts";
import { homeWith, terminalOf } from "../fakes/terminal.ts";
import { startModbusServer } from "../peers/modbus_server.ts";
import { blocksOf, textOf } from "./documents.ts";
import { commandsIn, connectorWords } from "./shell.ts";

/** The blocks of shell with a command of this name, as words for the connector. */
function commandsBeside(name: string): readonly (readonly string[])[] {
  const blocks = blocksOf("README.md", textOf("README.md")).map(({ text }) => commandsIn(text).map(connectorWords));
  const block = blocks.find((commands) => commands.some((words) => words?.[0] === name)) ?? assert.fail(name);
  return block.map((words) => words ?? assert.fail("it is for another program"));
}

/** Ends what goes on until it is stopped once something was printed. */
async function codeOf(words: readonly string[], home: string): Promise<readonly [code: number, err: string]> {
  const stopping = new AbortController();
  const { terminal, written } = terminalOf({ stopping: stopping.signal, input: "correct horse battery staple\n" });
  const out = (text: string) => {
    terminal.out(text);
    if (words[0] === "test-source" && /voltage/.test(text)) stopping.abort();
  };
  const code = await runCommand([...words, "--home", home], { ...terminal, out });
  return [code, written().err];
}

Deno.test("The commands of README.md that look at a source do so", async () => {
  await using device = startModbusServer();
  await using home = await homeWith(`
local_sink: { enabled: true }
sources:
  - name: press
    protocol: modbus
    endpoint: modbus+tcp://127.0.0.1:${device.port}
    modbus: { registers: [{ name: voltage, address: 1, data_type: int16 }] }
`);
  for (const words of commandsBeside("test-source")) {
    const [code, err] = await codeOf(words, home.path);
    assert.equal(code, 0, `${words.join(" ")}: ${err}`);
  }
});

Deno.test("The commands of README.md that look after the spool do so, one after the other", async () => {
  await using home = await filledHome();
  await Deno.writeTextFile(`${home.path}/config/connector.yaml`, "gui: { enabled: false }\n", { append: true }); // it does not run
  for (const words of commandsBeside("dlq")) {
    const [code, err] = await codeOf(words, home.path);
    if (words[0] === "health") assert.match(err, /nobody to ask/);
    else assert.equal(code, 0, `${words.join(" ")}: ${err}`);
  }
});
