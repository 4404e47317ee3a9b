import { Readable } from "node:stream";
import { Store } from "mqtt";

/**
 * What mqtt.js has sent and no answer came to. Its own store would offer that again once a connection stands, in a stream
 * that leaves a timer behind its end. Our clients have one connection each: nothing was sent before.
 */
export class SentPackets extends Store {
  override createStream(): ReturnType<Store["createStream"]> {
    // It is typed as the Readable of a package that is a copy of Node's.
    return Readable.from([]) as ReturnType<Store["createStream"]>;
  }
}
