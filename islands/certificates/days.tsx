import type { VNode } from "preact";
import { dateTime } from "../../src/web/client/format.ts";
import { State } from "../parts/state.tsx";

/** A month is enough to have a new one made, a week is not. */
const SOON_DAYS = 30;
const NOW_DAYS = 7;

/** Until when a certificate is valid, and whether that is soon. */
export function DaysLeft({ days, notAfter }: { readonly days: number; readonly notAfter: string }): VNode {
  const level = days < NOW_DAYS ? "bad" : days < SOON_DAYS ? "warn" : "ok";
  const left = days < 0 ? `expired ${-days} days ago` : `${days} days left`;
  return (
    <span>
      <State level={level}>{left}</State> <span class="soft small">{dateTime(notAfter)}</span>
    </span>
  );
}
