/** The story's sources: of each protocol one, added by its form and by what helps to fill that in. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { X509Certificate } from "node:crypto";
import { TestAuthority } from "../peers/certificates.ts";
import { eventually } from "../wait.ts";
import { applyForm, type Desk } from "./story_desk.ts";
import type { StoryPlant } from "./story_plant.ts";

/**
 * A certificate and its key as a plant's authority gives them, uploaded; `edgeId` is what the connector calls itself.
 * Resolves with the certificate's SHA-256, `AB:CD:…`.
 */
export async function uploadCertificates(desk: Desk, edgeId: string): Promise<string> {
  const authority = await TestAuthority.create("Plant authority", "rsa");
  const uri = `urn:iot-connector:${edgeId}`;
  const { certificate, privateKey } = await authority.issue({
    commonName: "press hall",
    usage: "client",
    uri,
    days: 400,
  });
  await upload(desk, "connector.pem", certificate);
  await upload(desk, "connector.key", privateKey);
  await desk.page.getByText("CN=press hall").first().waitFor();
  await desk.look("story_certificates");
  return new X509Certificate(certificate).fingerprint256;
}

/** What was read of a file is shown before it is kept. */
export async function upload({ page, open, press, look }: Desk, name: string, text: string): Promise<void> {
  await open("/certificates");
  await press("Upload a certificate or key");
  const dialog = page.getByRole("dialog");
  const file = { name, mimeType: "application/x-pem-file", buffer: Buffer.from(text) };
  await dialog.locator("input[type=file]").setInputFiles(file);
  await dialog.getByText(/^A (certificate|private key)/).waitFor();
  if (name.endsWith(".pem")) await look("story_upload");
  await press("Keep it");
  await dialog.waitFor({ state: "detached" });
}

/**
 * A server that nobody trusts yet: compared, trusted, browsed and ticked. It is shown the certificate that was uploaded,
 * whose SHA-256 is `fingerprint`.
 */
export async function addOpcua(desk: Desk, plant: StoryPlant, fingerprint: string): Promise<void> {
  const { page, button, press } = desk;
  await desk.open("/sources/new");
  await page.getByLabel("Protocol").selectOption("opcua");
  await page.getByLabel("Name *").fill("press_line");
  await page.getByLabel("Endpoint *").fill(plant.opcua);
  await page.getByLabel("Security policy").selectOption("Basic256Sha256");
  await page.getByLabel("Security mode").selectOption("SignAndEncrypt");
  await choose(desk, "Certificate path", "Choose press hall");
  await choose(desk, "Private key path", "Choose Key of press hall");
  await button("Browse the server").click();
  await page.getByText("opcua_untrusted_server").waitFor();
  await desk.look("story_untrusted", page.getByText("Compare the certificate"));
  await trustServer(desk);
  await press("Look again");
  await press("Open Plant");
  await page.getByRole("checkbox", { name: "Read Counter" }).check();
  await page.getByRole("checkbox", { name: "Read Double" }).focus();
  await page.keyboard.press("Space");
  await page.getByText("The form lists 2 entries.").waitFor();
  await desk.look("story_browse", page.getByLabel("Search in what was loaded"));
  const looks = plant.clients().length;
  await applyForm(desk, /name: Counter/, () => page.waitForURL("**/sources/press_line"));
  await page.getByText("Connected", { exact: true }).waitFor();
  await eventually("the source has a session of its own", () => plant.clients().length > looks);
  assert.deepEqual([...new Set(plant.clients())], [fingerprint]);
}

/** Fills a path in with what was uploaded. */
async function choose({ page, button }: Desk, field: string, choice: string): Promise<void> {
  await button(`Choose or upload: ${field}`).first().click();
  await page.getByRole("dialog").getByRole("button", { name: choice, exact: true }).click();
  await page.getByRole("dialog").waitFor({ state: "detached" });
}

/** Compares the certificate that the server showed, in a tab of its own. */
async function trustServer({ page }: Desk): Promise<void> {
  const [trusting] = await Promise.all([page.waitForEvent("popup"), page.getByText("Compare the certificate").click()]);
  await trusting.getByRole("button", { name: "Trust asyncua" }).click();
  await trusting.getByRole("dialog").getByRole("button", { name: "They are the same: trust it" }).click();
  await trusting.locator("article", { hasText: "Trusted" }).getByText("asyncua", { exact: true }).waitFor();
  await trusting.close();
}

/** A device whose registers are looked at as they are, in every type and order: the right value is taken. */
export async function addModbus(desk: Desk, { device }: StoryPlant): Promise<void> {
  const { page, button, press } = desk;
  await desk.open("/sources/new");
  await page.getByLabel("Protocol").selectOption("modbus");
  await page.getByLabel("Name *").fill("oven");
  await page.getByLabel("Endpoint *").fill(`modbus+tcp://127.0.0.1:${device.port}`);
  await button("Read registers now").click();
  await press("Read now");
  await button(/^Use uint32 ABCD: \d+$/).click();
  await page.getByText(/ is in the form now\.$/).waitFor();
  await desk.look("story_lab", page.getByRole("button", { name: /^Use bcd64 ABCD/ }));
  await page.getByText("1: holding_0").click();
  await page.locator("fieldset", { hasText: "Entry 1" }).last().getByLabel("Name *").fill("pieces");
  await applyForm(desk, /name: pieces/, () => page.waitForURL("**/sources/oven"));
  await page.getByText("Connected", { exact: true }).waitFor();
  await press("Test connection");
  await page.locator("tbody tr", { hasText: "pieces" }).first().waitFor();
  await desk.look("story_test");
}

/** Topics of a broker: what is missing stands at its field, and messages are heard before anything is saved. */
export async function addMqtt(desk: Desk, { broker, publisher }: StoryPlant): Promise<void> {
  const { page, button, press } = desk;
  await desk.open("/sources/new");
  await page.getByLabel("Protocol").selectOption("mqtt");
  await page.getByLabel("Name *").fill("hall");
  await page.getByLabel("Endpoint *").fill(`mqtt://127.0.0.1:${broker.port}`);
  await button("Add an entry").last().click();
  await press("Review the change");
  await page.getByText("This must be filled in").first().waitFor();
  await desk.look("story_fault");
  await page.getByLabel("Topic *").fill("hall/#");
  await button("Listen to topics").click();
  await press("Listen");
  await page.getByText(/^Listening at mqtt:/).waitFor();
  await publisher.publish("hall/temperature", "21.5");
  const heard = page.getByRole("article", { name: "Message of hall/temperature" });
  await heard.getByRole("cell", { name: "21.5" }).waitFor();
  await desk.look("story_listen", heard);
  await press("Stop");
  await applyForm(desk, /hall\/#/, () => page.waitForURL("**/sources/hall"));
  await page.getByText("Connected", { exact: true }).waitFor();
}

/** What a spreadsheet makes of two nodes: one changed, one new, and one that it does not have. */
const CSV = `node_id,name,unit
nsu=urn:test:plant;s=Counter,Counter,pieces
nsu=urn:test:plant;s=Int32,Int32,
`;

/** Nodes of a spreadsheet: what they change is shown first, then taken, tested, saved and started. */
export async function takeCsv(desk: Desk): Promise<void> {
  const { page, button } = desk;
  await desk.open("/sources/press_line/edit");
  await button("Nodes as CSV").click();
  const file = { name: "nodes.csv", mimeType: "text/csv", buffer: Buffer.from(CSV) };
  await page.getByLabel("Take nodes from a CSV file").setInputFiles(file);
  await page.getByText("nodes.csv: 1 added, 1 changed, 1 removed, 0 as they are.").waitFor();
  await page.getByText("unit: not set → pieces").waitFor();
  await page.getByLabel("Keep what the file does not have").check();
  await page.getByText("nodes.csv: 1 added, 1 changed, 0 removed, 1 as they are.").waitFor();
  await desk.look("story_csv", button("Put into the form"));
  await button("Put into the form").click();
  await page.getByText("The form lists 3 nodes now.").waitFor();
  const tools = page.getByRole("region", { name: "Try it out" });
  await tools.getByRole("button", { name: "Test connection" }).click();
  await tools.locator("tbody tr", { hasText: "Int32" }).first().waitFor();
  await desk.look("story_tested", tools.getByText(/^Connected to/));
  await applyForm(desk, /name: Int32/, () => page.waitForURL("**/sources/press_line"));
  await page.getByText("Connected", { exact: true }).waitFor();
}
