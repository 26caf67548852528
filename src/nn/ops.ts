export { squaredError } from './ops/loss.js';
