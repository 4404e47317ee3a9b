/**
 * What the addresses of a Databricks workspace look like, and which of them people take for each other. Rules of thumb
 * for hints at a field: private links and new regions may have other names, so that nothing is refused for them.
 */

/** `1234567890.zerobus.eu-west-1.cloud.databricks.com`, and the same of the other clouds. */
const ENDPOINT = /^\d{6,20}\.zerobus\.[a-z0-9-]+\.(cloud\.databricks\.com|azuredatabricks\.net|gcp\.databricks\.com)$/;
const DATABRICKS = /\.(databricks\.com|azuredatabricks\.net|databricks\.us|databricks\.mil)$/;
const EXAMPLE = "1234567890.zerobus.eu-west-1.cloud.databricks.com";

/** What seems wrong with a Zerobus endpoint, as a sentence; undefined where nothing does. */
export function endpointDoubt(text: string): string | undefined {
  const host = hostIn(text);
  if (host === undefined || isHere(host) || ENDPOINT.test(host)) return undefined;
  if (/^zerobus\./.test(host)) return `The workspace's number is missing before it, as in ${EXAMPLE}.`;
  if (/\.zerobus\./.test(host)) return `It should be number, zerobus and region, as in ${EXAMPLE}.`;
  if (DATABRICKS.test(host)) {
    return `This is the address of a workspace. The Zerobus endpoint begins with the workspace's number, as in ${EXAMPLE}.`;
  }
  return `Zerobus endpoints look like ${EXAMPLE}; check it, unless yours is reached by a name of your own.`;
}

/** The same for the address of a workspace. */
export function workspaceDoubt(text: string): string | undefined {
  const host = hostIn(text);
  if (host === undefined || isHere(host)) return undefined;
  if (/(^|\.)zerobus\./.test(host)) {
    return "This is a Zerobus endpoint. The workspace is the address that the browser shows when you work in Databricks.";
  }
  if (/^accounts\./.test(host)) return "This is the account console. Open the workspace itself, and take its address.";
  if (DATABRICKS.test(host)) return undefined;
  return "Workspaces look like https://your-workspace.cloud.databricks.com; check it, unless yours has a name of your own.";
}

/** What does not fit between the two: another cloud, or the number of another workspace. */
export function pairDoubt(workspace: string, endpoint: string): string | undefined {
  const [one, other] = [hostIn(workspace), hostIn(endpoint)];
  if (one === undefined || other === undefined || !ENDPOINT.test(other)) return undefined;
  const [cloud, cloudOfEndpoint] = [cloudOf(one), cloudOf(other)];
  if (cloud && cloudOfEndpoint && cloud !== cloudOfEndpoint) {
    return `The workspace is on ${cloud}, and the Zerobus endpoint on ${cloudOfEndpoint}.`;
  }
  const inWorkspace = one.match(/^adb-(\d+)\./)?.[1];
  const number = other.split(".")[0];
  if (inWorkspace === undefined || inWorkspace === number) return undefined;
  return `The workspace's number is ${inWorkspace}, and the Zerobus endpoint begins with ${number}.`;
}

function cloudOf(host: string): "AWS" | "Azure" | "Google Cloud" | undefined {
  if (host.endsWith(".azuredatabricks.net")) return "Azure";
  if (host.endsWith(".gcp.databricks.com")) return "Google Cloud";
  return host.endsWith(".cloud.databricks.com") ? "AWS" : undefined;
}

function hostIn(text: string): string | undefined {
  const given = text.trim();
  if (given === "" || given.includes("${")) return undefined;
  return URL.parse(given.includes("://") ? given : `https://${given}`)?.hostname.toLowerCase();
}

function isHere(host: string): boolean {
  return host === "localhost" || host === "[::1]" || /^127\./.test(host);
}
