// The training schedule's columns, as in src/backend/contracts/optimizer.ts.
const SCHEDULE_LEARNING_RATE = 0u;
const SCHEDULE_CORRECTION_1 = 1u;
const SCHEDULE_CORRECTION_2 = 2u;
const SCHEDULE_EMA_DECAY = 3u;
const SCHEDULE_COLUMNS = 4u;
