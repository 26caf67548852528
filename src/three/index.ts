/** `tributary-engine/three`: an engine's particles in a three.js scene, without a copy. */
export type { Source } from './columns.js';
export { type Colour, type Colouring, DensityView } from './density.js';
export { ParticleFlow, type ParticleFlowOptions } from './flow.js';
export { PanZoom } from './pan_zoom.js';
export { type EngineRendererOptions, engineRenderer, type GpuEngine, isGpuEngine } from './renderer.js';
