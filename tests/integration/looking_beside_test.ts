/** Commands that look at a device leave the connector beside them alone. */
import assert from "node:assert/strict";
import { homeWith, outcomeOf } from "../fakes/terminal.ts";
import { connectedSource, connectPublisher, readBatches, readingsOf } from "../interop/mqtt_session.ts";
import { Mosquitto } from "../peers/mosquitto.ts";

for (const command of ["test-source", "browse"]) {
  Deno.test(`${command} takes no session and no message from a connector with the same client id`, async () => {
    await using broker = await Mosquitto.start();
    const endpoint = `mqtt://127.0.0.1:${broker.port}`;
    const settings = { client_id: "edge", clean_session: false, topics: [{ topic: "$share/all/plant/#", qos: 1 }] };
    await using home = await homeWith(`version: 1
local_sink: { enabled: true }
sources:
  - { name: plant, protocol: mqtt, endpoint: "${endpoint}", mqtt: ${JSON.stringify(settings)} }
`);
    await using connector = await connectedSource({ endpoint, settings });
    await using publisher = await connectPublisher(broker.port);
    const reading = readBatches(connector, 20);
    await publisher.numbers("plant/oven", 10);
    const words = [command, "plant", "--home", home.path, "--seconds", "1"];
    const looks = [0.1, 0.2].map((number) => outcomeOf(words, { random: () => number }));
    await publisher.publish("plant/retained", "7", { retain: true });
    await publisher.numbers("plant/oven", 9, { from: 10 });
    for (const { err } of await Promise.all(looks)) assert.doesNotMatch(err, /client id|lost|closed/i);
    const values = readingsOf(await reading).filter(({ tag }) => tag === "plant/oven").map(({ value }) => value);
    assert.deepEqual(values, Array.from({ length: 19 }, (_, i) => i), "each message came to the connector, once");
  });
}
