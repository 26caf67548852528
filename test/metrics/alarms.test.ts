import { expect, it } from 'vitest';
import { falseAlarms } from '../../bench/perfect/alarms.js';
import { trainingSet } from '../../src/data/dataset.js';
import { distributionByName } from '../../src/data/registry.js';

it('calls few perfect sets worse than perfect, and its intervals hold what they should', () => {
  const distribution = distributionByName('8gaussians');
  const training = trainingSet(distribution, 200, 0);
  const found = falseAlarms(distribution, 100, 25, { training, first: 500, floorDraws: 10 });
  // One in twenty by all metrics together: five of 25 happen once in 140 times.
  expect(found.worse).toBeLessThanOrEqual(4);
  for (const [name, { held }] of Object.entries(found.metrics)) expect(held, name).toBeGreaterThanOrEqual(20);
});
