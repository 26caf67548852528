/**
 * Test files run on all cores already, and a thread that waits for another at every kernel waits for its turn as well:
 * an engine of a test computes on one, with the same bits, unless the test says on how many. The program that tests start
 * as users do has all of them.
 */
import os from 'node:os';

Object.assign(os, { availableParallelism: () => 1 });
