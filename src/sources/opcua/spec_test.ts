import assert from "node:assert/strict";
import { depthOf } from "./discovery.ts";
import { opcua } from "./spec.ts";
import { opcuaSettings } from "./settings.ts";

const NODE = { node_id: "ns=2;s=Temperature" };

function problems(block: Record<string, unknown>): string[] {
  const { error } = opcuaSettings.safeParse({ nodes: [NODE], ...block });
  return (error?.issues ?? []).map(({ path }) => path.join("."));
}

Deno.test("the endpoint is opc.tcp, a host and a port", () => {
  for (const good of ["opc.tcp://plc:4840", "opc.tcp://192.168.1.100:4840/UA/Server", "opc.tcp://[fe80::1]:4840"]) {
    assert.ok(opcua.endpoint.safeParse(good).success, good);
  }
  for (const bad of ["plc:4840", "opc.tcp://plc", "http://plc:4840", "opc.tcp://plc:port"]) {
    assert.ok(!opcua.endpoint.safeParse(bad).success, bad);
  }
});

Deno.test("a block of nothing but nodes is a signed and encrypted subscription", () => {
  const settings = opcuaSettings.parse({ nodes: [NODE] });
  assert.equal(settings.security_policy, "Basic256Sha256");
  assert.equal(settings.subscription.queue_size, 10);
  assert.equal(settings.nodes[0]?.sampling_interval_ms, 1000);
});

Deno.test("a node id is checked when the file is read", () => {
  const good = ["i=2258", "ns=2;s=a;b=c", "nsu=urn:x;g=72962b91-fa75-4ae6-8d28-b404dc7daf63", "ns=1;b=yv4="];
  for (const node_id of good) assert.deepEqual(problems({ nodes: [{ node_id }] }), [], node_id);
  for (const node_id of ["Temperature", "ns=x;i=1", "ns=2;i=one", "ns=2;g=1", ""]) {
    assert.notDeepEqual(problems({ nodes: [{ node_id }] }), [], node_id);
  }
});

Deno.test("a password goes over a channel that is not encrypted only when that was allowed", () => {
  const user = { username: "operator", password: "secret" };
  assert.deepEqual(problems({ ...user, security_policy: "None" }), ["username"]);
  assert.deepEqual(problems({ ...user, security_mode: "Sign" }), ["username"]);
  assert.deepEqual(problems({ ...user, security_policy: "None", allow_plain_password: true }), []);
  assert.deepEqual(problems(user), []);
});

Deno.test("two nodes have no tag in common", () => {
  const other = { node_id: "ns=2;s=Other" };
  assert.deepEqual(problems({ nodes: [NODE, other, NODE] }), ["nodes.2.node_id"]);
  assert.deepEqual(problems({ nodes: [{ ...NODE, name: "t" }, { ...other, name: "t" }] }), ["nodes.1.name"]);
  assert.deepEqual(problems({ nodes: [NODE, { ...NODE, name: "again" }] }), []);
});

Deno.test("settings that contradict each other are refused", () => {
  assert.deepEqual(problems({ security_policy: "None", security_mode: "Sign" }), ["security_mode"]);
  assert.deepEqual(problems({ security_mode: "None" }), ["security_mode"]);
  assert.deepEqual(problems({ certificate_path: "certs/a.der" }), ["private_key_path"]);
  const user = { user_certificate_path: "certs/u.der", user_private_key_path: "certs/u.pem" };
  assert.deepEqual(problems({ ...user, user_private_key_path: null }), ["user_private_key_path"]);
  assert.deepEqual(problems({ ...user, username: "operator" }), ["username"]);
  assert.deepEqual(problems(user), []);
  assert.deepEqual(problems({ subscription: { lifetime_count: 20, max_keep_alive_count: 10 } }), ["subscription"]);
  assert.deepEqual(problems({ certificate_path: "/etc/a.der", private_key_path: "k.pem" }), ["certificate_path"]);
});

Deno.test("a browse path is looked through one level deep, or as deep as recursive and depth say", () => {
  const browse_path = "0:Objects";
  const depths = (entry: Record<string, unknown>) => {
    const [parsed] = opcuaSettings.parse({ nodes: [{ browse_path, ...entry }] }).nodes;
    return parsed && "browse_path" in parsed ? depthOf(parsed) : undefined;
  };
  assert.deepEqual([{}, { recursive: true }, { recursive: true, depth: 3 }, { depth: 1 }].map(depths), [1, 20, 3, 1]);
  assert.deepEqual(problems({ nodes: [{ browse_path, depth: 2 }] }), ["nodes.0.depth"]);
});
