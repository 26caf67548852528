/** The demo page as it is seen, by everybody and on every screen; each part has its own file beside this one. */
import { access } from './access.js';
import { compare } from './compare.js';
import { histories } from './history.js';
import { keyboard } from './keyboard.js';
import { demoTests } from './parts.js';
import { quiz } from './quiz.js';
import { sight } from './sight.js';
import { sizes } from './sizes.js';
import { touch } from './touch.js';
import { visits } from './visits.js';

demoTests(visits, access, keyboard, sizes, touch, sight, quiz, histories, compare);
