/** What a person enters to read registers, as text. */
export interface EnteredRange {
  readonly unit: string;
  readonly address: string;
  readonly count: string;
}

const LIMITS = { unit: [0, 255], address: [0, 465_536], count: [1, 250] } as const;

/** What is wrong with it, by field; the unit may be left to the source. */
export function rangeFaults(range: EnteredRange): Partial<Record<keyof EnteredRange, string>> {
  const faults: Partial<Record<keyof EnteredRange, string>> = {};
  for (const key of ["unit", "address", "count"] as const) {
    const text = range[key].trim();
    const [least, most] = LIMITS[key];
    if (key === "unit" && text === "") continue;
    const isRight = /^\d{1,6}$/.test(text) && Number(text) >= least && Number(text) <= most;
    if (!isRight) faults[key] = `This must be a whole number from ${least} to ${most}`;
  }
  return faults;
}
