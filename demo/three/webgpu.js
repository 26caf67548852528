/**
 * The part of `three/webgpu` that the page uses, from three.js's own source: its WebGL fallback and the materials
 * that are not node materials would be a quarter of the page.
 */
import NodeLibrary from 'three/src/renderers/common/nodes/NodeLibrary.js';
import Renderer from 'three/src/renderers/common/Renderer.js';
import WebGPUBackend from 'three/src/renderers/webgpu/WebGPUBackend.js';

export { OrthographicCamera } from 'three/src/cameras/OrthographicCamera.js';
export * from 'three/src/constants.js';
export { BufferAttribute } from 'three/src/core/BufferAttribute.js';
export { BufferGeometry } from 'three/src/core/BufferGeometry.js';
export { InstancedBufferAttribute } from 'three/src/core/InstancedBufferAttribute.js';
export { InstancedBufferGeometry } from 'three/src/core/InstancedBufferGeometry.js';
export { RenderTarget } from 'three/src/core/RenderTarget.js';
export { PlaneGeometry } from 'three/src/geometries/PlaneGeometry.js';
export { default as NodeMaterial } from 'three/src/materials/nodes/NodeMaterial.js';
export { Vector2 } from 'three/src/math/Vector2.js';
export { Vector3 } from 'three/src/math/Vector3.js';
export { Mesh } from 'three/src/objects/Mesh.js';
export { Points } from 'three/src/objects/Points.js';
export { Scene } from 'three/src/scenes/Scene.js';

export class WebGPURenderer extends Renderer {
  isWebGPURenderer = true;

  constructor(parameters) {
    super(new WebGPUBackend(parameters), parameters);
    this.library = new NodeLibrary();
  }
}
