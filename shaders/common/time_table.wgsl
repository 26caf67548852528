// Columns of a time table and of a draw, as in src/backend/contracts/draw.ts.
const TIME_COLUMNS = 12u;
const TIME_TABLE_TIME = 0u;
const TIME_TABLE_WEIGHT = 1u;
const TIME_TABLE_X = 3u;
const TIME_TABLE_FIRST = 6u;
const TIME_TABLE_SECOND = 9u;

const DRAW_COLUMNS = 3u;
const DRAW_ROW = 0u;
const DRAW_BASE = 1u;
const DRAW_CELL = 2u;
