/** The fake workspace in a process of its own, as measurements use it. */
import { PeerProcess } from "../peers/process.ts";

export interface BenchWorkspace extends AsyncDisposable {
  readonly workspaceHost: string;
  readonly zerobusEndpoint: string;
  readonly workspaceId: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly caPath: string;
  /** Rows that it took, over all tables. */
  rows(): Promise<number>;
}

export async function startWorkspace(ackDelayMs: number): Promise<BenchWorkspace> {
  const script = new URL("../peers/zerobus/main.ts", import.meta.url).pathname;
  const args = ["run", "-A", script, "--verify", "light", "--keep", "count", "--ack-delay-ms", String(ackDelayMs)];
  const { peer, ready } = await PeerProcess.start(Deno.execPath(), { args, ready: /^\{.*\}$/ });
  const addresses = JSON.parse(ready[0]);
  const client = Deno.createHttpClient({ caCerts: [Deno.readTextFileSync(addresses.caPath)] });
  return {
    ...addresses,
    async rows() {
      const answer = await fetch(`${addresses.workspaceHost}/stats`, { client });
      const { tables } = await answer.json();
      return Object.values(tables as Record<string, number>).reduce((sum, rows) => sum + rows, 0);
    },
    async [Symbol.asyncDispose]() {
      client.close();
      await peer[Symbol.asyncDispose]();
    },
  };
}

/** The YAML of a configuration that writes to it. */
export function zerobusYaml(workspace: BenchWorkspace): string {
  return `version: 1
security: { ca_bundle_path: certs/workspace.pem }
zerobus:
  workspace_host: ${workspace.workspaceHost}
  zerobus_endpoint: ${workspace.zerobusEndpoint}
  workspace_id: "${workspace.workspaceId}"
  auth: { client_id: "${workspace.clientId}", client_secret: "${workspace.clientSecret}" }
`;
}
