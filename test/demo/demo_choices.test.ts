/** What a visitor may ask of the demo page, and what comes of it; each part has its own file beside this one. */
import { demoTests } from './parts.js';
import { scene } from './scene.js';
import { stage } from './stage.js';
import { takeAway } from './take_away.js';
import { unfetched } from './unfetched.js';
import { walks } from './walk.js';

demoTests(scene, stage, takeAway, unfetched, walks);
