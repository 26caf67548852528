/** How particles play: from noise to data, and a rest before it begins again. */

/** Seconds that particles take at speed 1. */
const SECONDS = 4;
/** Seconds that they rest at the end. */
export const REST = 1.6;

/** Seconds from noise to data and to the end of the rest. */
export const loopSeconds = (speed: number): number => SECONDS / speed + REST;

/** The time shown so many seconds after a loop's beginning. */
export const timeOfLoop = (seconds: number, speed: number): number =>
  Math.min(1, (seconds * speed) / SECONDS);
