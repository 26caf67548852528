/**
 * Who takes part in a race in a page: Tributary first, then libraries that train on WebGPU too. onnxruntime-web, whose
 * runtime is larger than the whole package, takes part in `npm run bench:gpu` only.
 */
import { jax } from './jax.js';
import type { Entry } from './race.js';
import { tfjs } from './tfjs.js';
import { tributary } from './tributary.js';
import { VERSIONS } from './versions.js';

export const entries: readonly Entry[] = [
  { name: 'tributary', version: VERSIONS['tributary-engine'], open: (problem) => tributary(problem) },
  { name: 'jax-js', version: VERSIONS['@jax-js/jax'], open: (problem) => jax(problem) },
  { name: 'tfjs', version: VERSIONS['@tensorflow/tfjs-core'], open: tfjs },
];
