import { sleep } from "./sleep.ts";

/** The host's time. It has the shape of `Clock` in `src/core`. */
export const systemClock = {
  nowUs: (): number => Date.now() * 1000,
  monotonicMs: (): number => performance.now(),
  sleep,
  every(ms: number, task: () => void | Promise<void>): Disposable {
    let isBusy = false;
    const timer = setInterval(async () => {
      if (isBusy) return;
      isBusy = true;
      try {
        await task();
      } finally {
        isBusy = false;
      }
    }, ms);
    return { [Symbol.dispose]: () => clearInterval(timer) };
  },
};
