import { AttributeIds, NodeId } from "node-opcua-client";
import { batchesOf } from "./batches.ts";
import type { OperationLimits } from "./operation_limits.ts";
import type { Services } from "./services.ts";

/** Names of variables' data types: `Double`, `Int32[]`, `MotorState`. Each type's name is read once. */
export class DataTypeNames {
  readonly #services: Pick<Services, "read">;
  readonly #limits: OperationLimits;
  readonly #names = new Map<string, string>();

  constructor(services: Pick<Services, "read">, limits: OperationLimits) {
    this.#services = services;
    this.#limits = limits;
  }

  /** By variable; those whose type the server does not tell are left out. @throws what the library throws */
  async of(variables: readonly NodeId[]): Promise<ReadonlyMap<string, string>> {
    const types = await this.#readAll(variables, AttributeIds.DataType);
    const ranks = await this.#readAll(variables, AttributeIds.ValueRank);
    await this.#learn(types.flatMap((type) => type instanceof NodeId ? [type] : []));
    return new Map(variables.flatMap((variable, i) => {
      const name = this.#names.get(String(types[i]));
      // ValueRank: -1 is a scalar, 0 and more are arrays (OPC UA Part 3, 5.6.2).
      return name === undefined ? [] : [[variable.toString(), Number(ranks[i]) >= 0 ? `${name}[]` : name]];
    }));
  }

  async #learn(types: readonly NodeId[]): Promise<void> {
    const unknown = new Map(types.map((type) => [type.toString(), type]));
    for (const known of this.#names.keys()) unknown.delete(known);
    const names = await this.#readAll([...unknown.values()], AttributeIds.BrowseName);
    for (const [i, key] of [...unknown.keys()].entries()) {
      const { name } = (names[i] ?? {}) as { name?: unknown }; // a QualifiedName, as the library decodes it
      if (typeof name === "string") this.#names.set(key, name);
    }
  }

  async #readAll(nodeIds: readonly NodeId[], attributeId: AttributeIds): Promise<readonly unknown[]> {
    const values: unknown[] = [];
    for (const some of batchesOf(nodeIds, this.#limits.read)) {
      const answers = await this.#services.read(some.map((nodeId) => ({ nodeId, attributeId })));
      for (const i of some.keys()) values.push(answers[i]?.value?.value);
    }
    return values;
  }
}
