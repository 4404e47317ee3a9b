import assert from "node:assert/strict";
import { networkOf } from "./network_of.ts";

const NETWORKS: readonly (readonly [string, string])[] = [
  ["10.0.0.1", "10.0.0.1"],
  ["::ffff:10.0.0.1", "10.0.0.1"],
  ["2001:db8:0:1:ffff::1", "2001:db8:0:1"],
  ["2001:db8::1", "2001:db8:0:0"],
  ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2"],
  ["::1", "0:0:0:0"],
];
for (const [address, network] of NETWORKS) {
  Deno.test(`networkOf() finds ${network} for ${address}`, () => assert.equal(networkOf(address), network));
}
