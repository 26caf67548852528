/** What a visitor may ask of the demo page, and what comes of it; each part has its own file beside this one. */
import { drops } from './drops.js';
import { learning } from './learning.js';
import { links } from './links.js';
import { demoTests } from './parts.js';
import { restore } from './restore.js';
import { scene } from './scene.js';
import { stage } from './stage.js';
import { takeAway } from './take_away.js';
import { unfetched } from './unfetched.js';
import { walks } from './walk.js';

demoTests(scene, stage, takeAway, drops, links, restore, learning, unfetched, walks);
