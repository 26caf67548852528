// The clock's words, as in src/backend/clock.ts.
const CLOCK_STEP = 0u;
const CLOCK_ROW = 1u;
const CLOCK_PARTICLE = 2u;
