import assert from "node:assert/strict";
import { tempHome } from "../../tests/fakes/temp_home.ts";
import { openNotifier } from "./notify.ts";

const noWarning = (message: string) => assert.fail(message);

/** A service manager that listens in a home directory. */
function managerIn(home: string) {
  const socket = `${home}/manager`;
  const connection = Deno.listenDatagram({ transport: "unixpacket", path: socket });
  const heard = async () => new TextDecoder().decode((await connection.receive())[0]);
  return { socket, heard, [Symbol.dispose]: () => connection.close() };
}

Deno.test("openNotifier() sends what it is told to the manager's socket, and leaves nothing behind", async () => {
  await using home = await tempHome();
  using manager = managerIn(home.path);
  {
    using notifier = openNotifier({ home: home.path, socket: manager.socket, warn: noWarning });
    await notifier?.send("READY=1", "STATUS=All is well");
    assert.equal(await manager.heard(), "READY=1\nSTATUS=All is well\n");
  }
  assert.deepEqual([...Deno.readDirSync(`${home.path}/run`)], []);
});

Deno.test("openNotifier() takes the place of the socket that a killed process left", async () => {
  await using home = await tempHome();
  using manager = managerIn(home.path);
  Deno.mkdirSync(`${home.path}/run`);
  Deno.listenDatagram({ transport: "unixpacket", path: `${home.path}/run/notify.sock` }).close();
  using notifier = openNotifier({ home: home.path, socket: manager.socket, warn: noWarning });
  await notifier?.send("READY=1");
  assert.equal(await manager.heard(), "READY=1\n");
});

Deno.test("openNotifier() gives nothing where no manager waits", () => {
  assert.equal(openNotifier({ home: "/nowhere", socket: undefined, warn: noWarning }), undefined);
});

Deno.test("A manager that does not listen brings one warning, and stops nothing", async () => {
  await using home = await tempHome();
  const warnings: string[] = [];
  const socket = `${home.path}/nobody`;
  using notifier = openNotifier({ home: home.path, socket, warn: (message) => warnings.push(message) });
  await notifier?.send("READY=1");
  await notifier?.send("WATCHDOG=1");
  assert.equal(warnings.length, 1);
  assert.match(warnings[0] ?? "", /^Cannot tell the service manager how the connector is, at \S+nobody: .+\. It must/);
});
