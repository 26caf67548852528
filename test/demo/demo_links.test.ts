/** What the demo page takes in and keeps: files, links, runs, models that learn. */
import { drops } from './drops.js';
import { learning } from './learning.js';
import { links } from './links.js';
import { demoTests } from './parts.js';
import { restore } from './restore.js';

demoTests(drops, links, restore, learning);
