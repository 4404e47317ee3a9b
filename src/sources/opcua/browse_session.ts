import { BrowseDirection, makeNodeClassMask, makeResultMask, NodeClass, NodeId } from "node-opcua-client";
import type { BrowseNode, BrowsePage, BrowseRequest, BrowseSession } from "../../core/browse.ts";
import { EdgeError } from "../../core/error.ts";
import type { SourceConfig, SourceDeps } from "../../core/source.ts";
import { abortable } from "../../lib/condition.ts";
import { browseNodes } from "./browse.ts";
import { DataTypeNames } from "./data_type_names.ts";
import { readDescriptions } from "./descriptions.ts";
import { hereNodeId } from "./discovery.ts";
import { connectError, lost } from "./errors.ts";
import { nodeIdText } from "./node_id_text.ts";
import { type OperationLimits, readOperationLimits } from "./operation_limits.ts";
import { ownCertificatePath } from "./own_certificate.ts";
import { findPlace, noPlace, stepsBelow } from "./place.ts";
import { readValues } from "./read_response.ts";
import { readNamespaces, type Services, servicesOf } from "./services.ts";
import { type OpenSession, openSession } from "./session.ts";
import { ValueReads } from "./value_reads.ts";
import type { OpcuaSettings } from "./settings.ts";

/** Children of one node that are kept for the pages to come. */
const MAX_CHILDREN = 100_000;
const HIERARCHICAL_REFERENCES = "i=33";

/** What there is while there is a session. */
interface Live extends OpenSession {
  readonly services: Services;
  readonly limits: OperationLimits;
  readonly uris: readonly string[];
  readonly typeNames: DataTypeNames;
  readonly valueReads: ValueReads;
  /** Aborts when the session is closed. */
  readonly closing: AbortSignal;
}

/** A node under a place. */
export interface Child {
  readonly nodeId: NodeId;
  readonly name: string;
  readonly path: string | undefined;
  readonly isVariable: boolean;
}

/** A look through a server's address space, in a session of its own. */
export class OpcuaBrowseSession implements BrowseSession {
  readonly #config: SourceConfig<OpcuaSettings>;
  readonly #deps: SourceDeps;
  readonly #stack = new AsyncDisposableStack();
  readonly #closing = new AbortController();
  /** The library would wait for a connection that is gone, and nobody who looks does. */
  readonly #lost = new AbortController();
  #live: Live | undefined;
  /** Of the place that was looked into last. */
  #children: { readonly under: string | undefined; readonly all: readonly Child[] } | undefined;

  constructor(config: SourceConfig<OpcuaSettings>, deps: SourceDeps) {
    this.#config = config;
    this.#deps = deps;
  }

  async connect(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const open = this.#stack.use(await openSession(this.#config, this.#deps, signal));
    open.client.once("connection_lost", () => this.#lost.abort());
    const closing = this.#closing.signal;
    const services = servicesOf(open.session, this.#deps.pace, closing);
    this.#live = await this.#call(async () => {
      const limits = await readOperationLimits(services);
      const typeNames = new DataTypeNames(services, limits);
      const { pace } = this.#deps;
      const valueReads = new ValueReads({ limits, pace, read: (nodes) => readValues(open.session, nodes) });
      return { ...open, services, limits, uris: await readNamespaces(services), typeNames, valueReads, closing };
    }, signal);
  }

  async children(request: BrowseRequest, signal: AbortSignal): Promise<BrowsePage> {
    const live = this.#live;
    if (!live) throw new TypeError("connect() comes before children()");
    return await this.#call(async () => {
      const isKnown = request.after !== undefined && this.#children?.under === request.under;
      if (!isKnown) this.#children = { under: request.under, all: await childrenOf(live, request.under) };
      const all = this.#children?.all ?? [];
      const start = Number(request.after ?? 0);
      const end = start + request.limit;
      return { nodes: await describe(live, all.slice(start, end)), next: end < all.length ? String(end) : undefined };
    }, signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    await this.#stack.disposeAsync();
  }

  /** @throws one of our errors, whatever the library throws */
  async #call<T>(task: () => Promise<T>, signal: AbortSignal): Promise<T> {
    try {
      return await abortable(task(), AbortSignal.any([signal, this.#lost.signal]));
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof EdgeError) throw error;
      const { endpoint, settings } = this.#config;
      if (this.#lost.signal.aborted) throw lost(endpoint, "the connection broke");
      throw connectError({ endpoint, ownCertificate: ownCertificatePath(settings) }, error);
    }
  }
}

async function childrenOf({ services, limits, uris }: Live, under: string | undefined): Promise<readonly Child[]> {
  const place = await findPlace(under, { services, uris });
  const [browsed] = await browseNodes(services, [{
    nodeId: place.nodeId,
    browseDirection: BrowseDirection.Forward,
    referenceTypeId: HIERARCHICAL_REFERENCES,
    includeSubtypes: true,
    nodeClassMask: makeNodeClassMask("Object | Variable"),
    resultMask: makeResultMask("BrowseName | DisplayName | NodeClass"),
  }], limits.browse);
  if (!browsed || browsed.statusCode.isNotGood()) throw noPlace(place.text, browsed?.statusCode.name ?? "no answer");
  const children = new Map<string, Child>();
  for (const { nodeId: id, browseName, displayName, nodeClass } of browsed.references) {
    const nodeId = hereNodeId({ nodeId: id }, uris);
    if (!nodeId || children.size >= MAX_CHILDREN) continue;
    const name = displayName?.text || browseName.name || nodeId.toString();
    const path = stepsBelow(place, browseName);
    children.set(nodeId.toString(), { nodeId, name, path, isVariable: nodeClass === NodeClass.Variable });
  }
  return [...children.values()];
}

/** What a page says of its nodes: types and values of all its variables, in as few calls as the server takes. */
async function describe(live: Live, children: readonly Child[]): Promise<readonly BrowseNode[]> {
  const variables = children.filter(({ isVariable }) => isVariable).map(({ nodeId }) => nodeId);
  const types = await live.typeNames.of(variables);
  const samples = await readSamples(live, variables);
  const descriptions = await readDescriptions(live.services, children.map(({ nodeId }) => nodeId), live.limits);
  return children.map((child): BrowseNode => {
    const id = nodeIdText(child.nodeId, live.uris);
    const facts = factsOf(child, id, descriptions);
    const common = { id, name: child.name, hasChildren: undefined, ...facts ? { facts } : {} };
    if (!child.isVariable) {
      const entry = child.path === undefined ? undefined : { browse_path: child.path, recursive: true };
      return { ...common, kind: "folder", ...entry ? { configure: { list: "nodes", entry } } : {} };
    }
    const key = child.nodeId.toString();
    const sample = samples.get(key);
    const dataType = types.get(key);
    return {
      ...common,
      kind: "variable",
      ...dataType === undefined ? {} : { dataType },
      ...sample === undefined ? {} : { sample },
      configure: { list: "nodes", entry: { node_id: id } },
    };
  });
}

/** `numbered_id`: by the number that the namespace has now, as many configurations write it. */
function factsOf(
  { nodeId }: Child,
  id: string,
  descriptions: ReadonlyMap<string, string>,
): BrowseNode["facts"] {
  const numbered = nodeId.toString();
  const description = descriptions.get(numbered);
  const facts = {
    ...description === undefined ? {} : { description },
    ...nodeId.namespace === 0 || numbered === id ? {} : { numbered_id: numbered },
  };
  return Object.keys(facts).length > 0 ? facts : undefined;
}

type Sample = NonNullable<BrowseNode["sample"]>;

async function readSamples(
  { valueReads, closing }: Live,
  nodeIds: readonly NodeId[],
): Promise<ReadonlyMap<string, Sample>> {
  const samples = new Map<string, Sample>();
  const nodes = nodeIds.map((nodeId, handle) => ({ handle, nodeId }));
  for await (const { values } of valueReads.of(nodes, closing)) {
    for (const { handle, value: { text, status, sourceTimeUs, serverTimeUs } } of values) {
      const timeUs = sourceTimeUs ?? serverTimeUs;
      const sample = { value: text ?? "", status, ...timeUs === undefined ? {} : { timeUs } };
      samples.set(nodeIds[handle]?.toString() ?? "", sample);
    }
  }
  return samples;
}
