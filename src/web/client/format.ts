/** Numbers, sizes and times as pages show them. */

const WHOLE = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const FINE = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });
const SIZES = ["B", "KB", "MB", "GB", "TB"] as const;

/** `12,345`; a fraction for small ones: `0.4`. */
export function number(value: number): string {
  return Math.abs(value) < 100 ? FINE.format(value) : WHOLE.format(value);
}

/** `1.5 MB`, in powers of 1000. */
export function bytes(value: number): string {
  const power = value < 1000 ? 0 : Math.min(SIZES.length - 1, Math.floor(Math.log10(value) / 3));
  return `${number(value / 1000 ** power)} ${SIZES[power]}`;
}

/** `3 s`, `4 min`, `2 h 5 min`, `3 d 4 h`. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return minutes % 60 ? `${hours} h ${minutes % 60} min` : `${hours} h`;
  return hours % 24 ? `${Math.floor(hours / 24)} d ${hours % 24} h` : `${Math.floor(hours / 24)} d`;
}

const MINUTE = 60;
const HOUR = 3600;
const DAY = 86_400;
/** Up to where an estimate goes in which steps: a coarse one does not jump. */
const STEPS = [[10 * MINUTE, MINUTE], [HOUR, 5 * MINUTE], [6 * HOUR, HOUR / 2], [2 * DAY, HOUR], [
  30 * DAY,
  DAY,
]] as const;

/** An estimate: `under a minute`, `about 25 min`, `about 2.5 h`, `over 30 d`. */
export function about(seconds: number): string {
  if (seconds < MINUTE) return "under a minute";
  const step = STEPS.find(([below]) => seconds < below)?.[1];
  if (step === undefined) return "over 30 d";
  const whole = Math.round(seconds / step) * step;
  if (whole < HOUR) return `about ${whole / MINUTE} min`;
  return whole < 2 * DAY ? `about ${whole / HOUR} h` : `about ${whole / DAY} d`;
}

/** The first two digits of a number. */
export function roughly(value: number): number {
  return Number(value.toPrecision(2));
}

/** `4 min ago`; the future is `in 5 s`. */
export function ago(iso: string, nowMs: number): string {
  const seconds = (nowMs - Date.parse(iso)) / 1000;
  if (seconds < -0.5) return `in ${duration(-seconds)}`;
  return seconds < 1.5 ? "now" : `${duration(seconds)} ago`;
}

/** How long something is so: `2 h 5 min`. */
export function lasting(sinceIso: string, nowMs: number): string {
  return duration((nowMs - Date.parse(sinceIso)) / 1000);
}

/** `14:03:22` where the viewer is. */
export function clockTime(iso: string): string {
  const at = new Date(iso);
  return Number.isNaN(at.getTime()) ? iso : at.toLocaleTimeString("en-GB");
}

/** `2026-03-01 14:03:22` where the viewer is. */
export function dateTime(iso: string): string {
  const at = new Date(iso);
  return Number.isNaN(at.getTime()) ? iso : at.toLocaleString("sv-SE");
}
