// Columns of a batch's draws, as in src/backend/contracts/coupling.ts.
const DRAW_ROW = 0u;
const DRAW_BASE = 1u;
const DRAW_COLUMNS = 3u;
