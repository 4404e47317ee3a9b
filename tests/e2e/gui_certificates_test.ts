/** Certificates by the pages: what is asked, sent and shown, with a played API. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import type { Page } from "playwright-core";
import type { FakeGui } from "../fakes/gui_api.ts";
import { answerAll } from "../fakes/gui_fixtures.ts";
import { told } from "../fakes/gui_certificates.ts";
import { GuiStand, openBrowser, openPage } from "./gui_stand.ts";

const FILE = { name: "line4.p12", mimeType: "application/x-pkcs12", buffer: Buffer.from("sealed") };
const STORED = [
  { id: "a1", kind: "certificate", path: "certs/uploads/a1.certificate.pem", public_key: "k", certificate: told() },
  { id: "a2", kind: "key", path: "certs/uploads/a2.key.pem", public_key: "k", certificate: null },
];

async function chooseFile(page: Page): Promise<void> {
  await page.getByLabel("File", { exact: true }).setInputFiles(FILE);
}

interface Shown {
  readonly gui: FakeGui;
  readonly page: Page;
}

interface Sight {
  readonly name: string;
  readonly path: string;
  readonly look: (shown: Shown) => Promise<void>;
}

const SIGHTS: readonly Sight[] = [
  {
    name: "A PKCS#12 file is asked for its password, shown, and then kept, and its password is forgotten",
    path: "/certificates",
    async look({ page, gui }) {
      const sealed = { type: "about:blank", status: 422, code: "pkcs12_password", title: "The password is wrong" };
      gui.answers.set("POST /api/certs/read", () => {
        const { password } = gui.sent.at(-1)?.[1] as { password: string }; // as the page sends it
        if (password !== "word") return new Response(JSON.stringify(sealed), { status: 422 });
        return { certificate: told(), above: [], has_key: true, faults: [] };
      });
      gui.answers.set("POST /api/certs/import", { items: STORED });
      await page.getByRole("button", { name: "Upload a certificate or key" }).click();
      await chooseFile(page);
      await page.getByLabel("Password of the file").fill("word");
      assert.equal(await page.getByText("The password is wrong").count(), 0, "nobody gave a wrong one yet");
      await page.getByRole("button", { name: "Read the file" }).click();
      await page.getByText("A certificate, and a private key").waitFor();
      await page.getByRole("button", { name: "Keep it" }).click();
      await page.getByRole("dialog").waitFor({ state: "detached" });
      const [path, body] = gui.sent.at(-1)!;
      assert.deepEqual([path, body], ["POST /api/certs/import", { file: btoa("sealed"), password: "word" }]);
    },
  },
  {
    name: "A key that nothing uses is removed after a question, and one in use is not offered to be",
    path: "/certificates",
    async look({ page, gui }) {
      gui.answers.set("DELETE /api/certs/1123456789abcdef", () => new Response(null, { status: 204 }));
      await page.getByRole("button", { name: /^Remove / }).first().waitFor();
      assert.equal(await page.getByRole("button", { name: /^Remove / }).count(), 1);
      await page.getByRole("button", { name: "Remove Private key" }).click();
      await page.getByRole("dialog").getByRole("button", { name: "Remove it" }).click();
      await page.getByRole("dialog").waitFor({ state: "detached" });
      assert.equal(gui.sent.at(-1)?.[0], "DELETE /api/certs/1123456789abcdef");
    },
  },
  {
    name: "A field of a source takes what was uploaded before, and what is uploaded now",
    path: "/sources/press_4/edit",
    async look({ page, gui }) {
      gui.answers.set("GET /api/certs", { total: 2, items: STORED, next: null });
      gui.answers.set("POST /api/certs/import", { items: STORED });
      await page.getByRole("button", { name: "Choose or upload: User certificate path" }).click();
      await page.getByRole("button", { name: "Choose iot-connector" }).click();
      assert.equal(await page.getByLabel("User certificate path", { exact: true }).inputValue(), STORED[0]?.path);
      await page.getByRole("button", { name: "Choose or upload: User private key path" }).click();
      await page.getByText("Key of iot-connector").waitFor();
      await page.getByRole("button", { name: "Upload a file…" }).click();
      await chooseFile(page);
      await page.getByRole("button", { name: "Keep it" }).click();
      await page.getByRole("dialog").waitFor({ state: "detached" });
      assert.equal(await page.getByLabel("User private key path", { exact: true }).inputValue(), STORED[1]?.path);
    },
  },
  {
    name: "A viewer sees certificates, and is offered no change of them",
    path: "/monitoring",
    async look({ page, gui }) {
      gui.viewer = { name: "vera", role: "viewer", csrf: "token" };
      for (const path of ["/certificates", "/certificates/servers"]) {
        await page.goto(new URL(path, page.url()).href);
        await page.locator("article").first().waitFor();
        assert.equal(
          await page.getByRole("button", { name: /Upload|Add|Trust|Turn away|Forget|Remove/ }).count(),
          0,
          path,
        );
      }
    },
  },
];

Deno.test("Certificates are looked after by the pages", async (t) => {
  await using stand = await GuiStand.open();
  await using browser = await openBrowser();
  for (const { name, path, look } of SIGHTS) {
    await t.step(name, async () => {
      stand.show({ isGate: false });
      answerAll(stand.gui);
      await using opened = await openPage(browser, stand.origin + path);
      await look({ page: opened.page, gui: stand.gui });
      assert.deepEqual(opened.faults, []);
    });
  }
});
