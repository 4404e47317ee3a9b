import { AttributeIds, BrowsePath, type BrowsePathResult, type NodeId } from "node-opcua-client";
import type { Logger } from "../../core/logger.ts";
import type { DecodedValue } from "./decode.ts";
import { nodeIdOf } from "./discovery.ts";
import { batchesOf } from "./batches.ts";
import type { OperationLimits } from "./operation_limits.ts";
import type { Services } from "./services.ts";
import type { Item } from "./item_list.ts";

export interface DeadbandsOptions {
  readonly services: Pick<Services, "read" | "translate">;
  readonly limits: OperationLimits;
  readonly log: Logger;
}

interface Band {
  readonly width: number;
  /** That went on. */
  last: DecodedValue | undefined;
}

const HAS_PROPERTY = "i=46";

/**
 * How wide each node's deadband is, and, for servers that take none, which changes are within it (OPC UA Part 4, 7.22.2).
 * A percentage is one of the node's range, EURange (Part 8, 5.3.2.3), which is read here: a server that knows deadbands
 * knows the absolute ones, while one in percent is taken by some that then report nothing.
 */
export class Deadbands {
  readonly #options: DeadbandsOptions;
  readonly #widths = new Map<number, number>();
  /** Of the nodes whose values are compared here. */
  readonly #bands = new Map<number, Band>();

  constructor(options: DeadbandsOptions) {
    this.#options = options;
  }

  /** Finds out the widths for `items`. @throws what the library throws when a call fails as a whole */
  async measure(items: readonly Item[]): Promise<void> {
    const relative: Item[] = [];
    for (const item of items) {
      const { deadband } = item.settings;
      if (deadband?.type === "absolute") this.#widths.set(item.handle, deadband.value);
      if (deadband?.type === "percent") relative.push(item);
    }
    for (const some of batchesOf(relative, this.#options.limits.translate)) await this.#readRanges(some);
  }

  /** In the unit of the value; 0 where every change is to be told. */
  width({ handle }: Item): number {
    return this.#widths.get(handle) ?? 0;
  }

  /** Compares values of those of `items` that have a deadband, since `why`. */
  compare(items: readonly Item[], why: string): void {
    const banded = items.filter((item) => this.width(item) > 0);
    for (const item of banded) this.#bands.set(item.handle, { width: this.width(item), last: undefined });
    const [first] = banded;
    if (!first) return;
    const nodes = banded.length === 1 ? first.tag.name : `${banded.length} nodes, ${first.tag.name} among them`;
    this.#options.log.log("info", `${why}: the connector itself leaves out what is within the deadband of ${nodes}`);
  }

  /**
   * Whether a value goes on: its status is another one than that of the last that did, or it is further away than the
   * deadband. Values that are no numbers, arrays too, all go on. To be called once for each, in their order.
   */
  passes(handle: number, value: DecodedValue): boolean {
    const band = this.#bands.get(handle);
    if (!band) return true;
    if (band.last && isWithin(band.width, band.last, value)) return false;
    band.last = value;
    return true;
  }

  forget(handle: number): void {
    this.#widths.delete(handle);
    this.#bands.delete(handle);
  }

  async #readRanges(items: readonly Item[]): Promise<void> {
    const { services, log } = this.#options;
    const properties = (await services.translate(items.map(({ nodeId }) => rangePath(nodeId)))).map(targetOf);
    const known = properties.flatMap((nodeId, i) => nodeId ? [{ i, nodeId, attributeId: AttributeIds.Value }] : []);
    const values = known.length > 0 ? await services.read(known) : [];
    for (const [at, { i }] of known.entries()) {
      const item = items[i];
      const share = (item?.settings.deadband?.value ?? 0) / 100;
      const range = widthOf(values[at]?.value?.value);
      if (item && range > 0) this.#widths.set(item.handle, share * range);
    }
    for (const { handle, tag } of items) {
      if (this.#widths.has(handle)) continue;
      log.log(
        "warn",
        `${tag.name} has no range (EURange), so a deadband in percent has no width: all changes are read`,
      );
    }
  }
}

/** Of a Range (OPC UA Part 8, 5.6.2); NaN for what is none. */
function widthOf(range: unknown): number {
  const { low, high } = (range ?? {}) as { low?: unknown; high?: unknown }; // as the library decodes it
  return Number(high) - Number(low);
}

function isWithin(width: number, last: DecodedValue, value: DecodedValue): boolean {
  if (last.statusCode !== value.statusCode || last.number === undefined || value.number === undefined) return false;
  return Math.abs(value.number - last.number) <= width; // false for NaN
}

function rangePath(startingNode: NodeId): BrowsePath {
  return new BrowsePath({
    startingNode,
    relativePath: {
      elements: [{
        referenceTypeId: HAS_PROPERTY,
        isInverse: false,
        includeSubtypes: true,
        targetName: { namespaceIndex: 0, name: "EURange" },
      }],
    },
  });
}

function targetOf(result: BrowsePathResult): NodeId | undefined {
  const found = result.statusCode.isGood() ? result.targets?.[0]?.targetId : undefined;
  return found && nodeIdOf(found);
}
