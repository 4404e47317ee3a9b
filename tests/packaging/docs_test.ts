/** docs/deployment.md, and the files for engines that no test can run. */
import assert from "node:assert/strict";
import { parseAllDocuments } from "yaml";
import { homeWith, outcomeOf } from "../fakes/terminal.ts";

const root = new URL("../../", import.meta.url);
const textOf = (path: string) => Deno.readTextFileSync(new URL(path, root));

Deno.test("Every block of commands in docs/deployment.md says which test runs it, or what it needs", () => {
  const text = textOf("docs/deployment.md");
  const blocks = [...text.matchAll(/^(.*)\n```sh$/gm)].map(([, before]) => before ?? "");
  assert.ok(blocks.length > 5);
  for (const before of blocks) {
    const [, test] = before.match(/^<!-- (?:run by: (\S+).*|needs: .+) -->$/) ?? assert.fail(`unmarked: ${before}`);
    if (test) assert.ok(Deno.statSync(new URL(test, root)).isFile, test);
  }
});

Deno.test("The Kubernetes manifest keeps to the restricted Pod Security Standard", () => {
  const documents = parseAllDocuments(textOf("packaging/kubernetes/iot-connector.yaml")).map((each) => each.toJS());
  const set = documents.find(({ kind }) => kind === "StatefulSet");
  const { containers, volumes, securityContext, ...pod } = set.spec.template.spec;
  assert.deepEqual([set.spec.replicas, securityContext.runAsNonRoot, securityContext.seccompProfile.type], [
    1,
    true,
    "RuntimeDefault",
  ]);
  for (const shared of ["hostNetwork", "hostPID", "hostIPC"]) assert.equal(pod[shared], undefined);
  assert.deepEqual(volumes.flatMap(Object.keys).filter((key: string) => key === "hostPath"), []);
  for (const { securityContext: own, resources } of containers) {
    assert.deepEqual(own, {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    });
    assert.ok(resources.limits.memory && resources.limits.cpu);
  }
  assert.equal(documents[0].metadata.labels["pod-security.kubernetes.io/enforce"], "restricted");
});

Deno.test("The Compose file takes every right that the container can do without", () => {
  const [document] = parseAllDocuments(textOf("packaging/container/compose.yaml"));
  const service = document?.toJS().services["iot-connector"];
  assert.deepEqual([service.read_only, service.user, service.cap_drop], [true, "1000:1000", ["ALL"]]);
  assert.deepEqual(service.security_opt, ["no-new-privileges:true"]);
});

Deno.test("The configuration in the Kubernetes manifest is one that the connector takes", async () => {
  const documents = parseAllDocuments(textOf("packaging/kubernetes/iot-connector.yaml")).map((each) => each.toJS());
  const yaml = documents.find(({ kind }) => kind === "ConfigMap").data["connector.yaml"];
  await using home = await homeWith(yaml);
  const { code, err } = await outcomeOf(["check", "--home", home.path]);
  assert.equal(code, 0, err);
});
