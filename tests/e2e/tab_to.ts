import assert from "node:assert/strict";
import type { Page } from "playwright-core";

/** More stops than any page has. */
const MOST_STOPS = 250;

/** Presses Tab until the focus is on what is called so, and can be seen there. */
export async function tabTo(page: Page, name: string): Promise<void> {
  for (let presses = 0; presses < MOST_STOPS; presses++) {
    const { text, isSeen } = await page.evaluate(focused);
    if (text === name) return assert.ok(isSeen, `the focus on ${name} cannot be seen`);
    await page.keyboard.press("Tab");
  }
  assert.fail(`no Tab leads to ${name}`);
}

/** Runs in the page: what has the focus, by its name, and whether it shows that. */
function focused(): { readonly text: string; readonly isSeen: boolean } {
  const element = document.activeElement as HTMLElement | null; // whatever has the focus in a page of HTML
  if (!element) return { text: "", isSeen: false };
  const label = "labels" in element ? (element as HTMLInputElement).labels?.[0]?.innerText : undefined; // of a field
  const text = element.getAttribute("aria-label") ?? label ?? element.innerText;
  const { outlineStyle, boxShadow } = getComputedStyle(element);
  return { text: text.trim(), isSeen: outlineStyle !== "none" || boxShadow !== "none" };
}
