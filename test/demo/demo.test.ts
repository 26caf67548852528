/** The demo page, in one file because it is built once: each part has its own beside this one. */
import { afterAll, beforeAll } from 'vitest';
import { access } from './access.js';
import { card } from './card.js';
import { checks } from './checks.js';
import { compare } from './compare.js';
import { drops } from './drops.js';
import { frames } from './frames.js';
import { histories } from './history.js';
import { honest } from './honest.js';
import { keyboard } from './keyboard.js';
import { learning } from './learning.js';
import { links } from './links.js';
import { type Demo, type OpenDemo, startDemo } from './page.js';
import { quiz } from './quiz.js';
import { restore } from './restore.js';
import { scene } from './scene.js';
import { sight } from './sight.js';
import { sizes } from './sizes.js';
import { stage } from './stage.js';
import { takeAway } from './take_away.js';
import { touch } from './touch.js';
import { unfetched } from './unfetched.js';
import { visits } from './visits.js';

let demo: Demo;

beforeAll(async () => {
  demo = await startDemo();
});
afterAll(() => demo?.close());

const open: OpenDemo = (...inputs) => demo.open(...inputs);

visits(open);
card(open);
frames(open);
access(open);
keyboard(open);
sizes(open);
touch(open);
sight(open);
honest(open);
scene(open);
stage(open);
takeAway(open);
drops(open);
links(open);
restore(open);
learning(open);
checks(open);
unfetched(open);
quiz(open);
histories(open);
compare(open);
