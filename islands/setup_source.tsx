import type { VNode } from "preact";

interface Kind {
  readonly title: string;
  readonly text: string;
  readonly need: string;
}

const KINDS: readonly Kind[] = [
  {
    title: "OPC UA",
    text: "Controllers, SCADA systems and gateways with an OPC UA server.",
    need: "Its address, opc.tcp://host:4840; user and password where it asks for them. Its nodes can be browsed.",
  },
  {
    title: "MQTT",
    text: "Sensors and gateways that publish to a broker, Sparkplug B included.",
    need: "The broker's address, mqtts://host:8883; user and password; the topics, which can be listened to.",
  },
  {
    title: "Modbus",
    text: "Meters, drives and older controllers over TCP or a serial line.",
    need: "Its address, modbus+tcp://host:502; the unit number, and the list of registers from its manual.",
  },
];

/** Leads to the first source; where rows go is known by now. */
export function FirstSource(): VNode {
  return (
    <>
      <p class="soft">Rows have a place to go. What should be read first? The connector never writes to a device.</p>
      <div class="cards">
        {KINDS.map(({ title, text, need }) => (
          <section class="card" key={title} aria-label={title}>
            <h2>{title}</h2>
            <p>{text}</p>
            <p class="soft">You need: {need}</p>
          </section>
        ))}
      </div>
      <div class="actions">
        <a class="button button-main" href="/sources/new?first">Add the first source</a>
        <span class="soft">After it is saved, Monitoring shows its rows arriving.</span>
      </div>
    </>
  );
}
