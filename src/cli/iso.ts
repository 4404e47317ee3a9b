/** ISO 8601 of microseconds since 1970-01-01 UTC. Times that a device made up may be out of its range. */
export function iso(timeUs: number): string;
export function iso(timeUs: number | undefined): string | undefined;
export function iso(timeUs: number | undefined): string | undefined {
  if (timeUs === undefined) return undefined;
  const time = new Date(timeUs / 1000);
  return Number.isNaN(time.getTime()) ? `${timeUs} us` : time.toISOString();
}
