/** The demo page on the software adapter, which one test has at a time; each part has its own file beside this one. */
import { card } from './card.js';
import { checks } from './checks.js';
import { frames } from './frames.js';
import { honest } from './honest.js';
import { demoTests } from './parts.js';
import { race } from './race.js';

demoTests(frames, honest, card, checks, race);
