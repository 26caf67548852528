/**
 * Parts of three.js that it imports and the page never calls: virtual reality, environment maps, skins and morphs,
 * clipping planes, picking, mipmaps. Each becomes a module of the same names without content, which is an eighth of
 * three.js; methods that write and read its JSON are left out wherever they are. Whoever does call one gets an
 * exception, and the pixel tests of the page see it.
 */
import { readFileSync } from 'node:fs';
import type { Plugin } from 'vite';

const UNUSED = [
  'core/InterleavedBuffer',
  'core/InterleavedBufferAttribute',
  'extras/DataUtils',
  'extras/ImageUtils',
  'geometries/BoxGeometry',
  'geometries/SphereGeometry',
  'materials/MeshBasicMaterial',
  'materials/PointsMaterial',
  'math/FrustumArray',
  'math/Ray',
  'math/Triangle',
  'nodes/accessors/Batch',
  'nodes/accessors/ClippingNode',
  'nodes/accessors/Instance',
  'nodes/accessors/MaterialNode',
  'nodes/accessors/Morph',
  'nodes/accessors/Skinning',
  'nodes/display/ViewportTextureNode',
  'nodes/functions/BSDF/DFGLUT',
  'nodes/functions/material/getAlphaHashThreshold',
  'nodes/gpgpu/ComputeNode',
  'nodes/pmrem/PMREMNode',
  'nodes/utils/CubeMapNode',
  'renderers/common/CubeRenderTarget',
  'renderers/webgpu/nodes/WGSLNodeParser',
  'renderers/webgpu/utils/WebGPUTexturePassUtils',
  'renderers/webgpu/utils/WebGPUTimestampQueryPool',
].map((name) => `/three/src/${name}.js`);

/** What the renderer asks of a manager of virtual reality although there is none. */
const NO_XR = 'export default class { enabled = false; isPresenting = false; getEnvironmentBlendMode() {} }';

/**
 * Methods that the page never calls, whichever class they are of: JSON, picking, normals and tangents, reading pixels
 * back, copies between textures, compressed, external and cube textures and their rarer samplings, three.js's own
 * compute passes, bundles and queries, arrays of cameras, wireframes, animation of materials.
 */
const METHODS = [
  ...['toJSON', 'fromJSON', 'serialize', 'deserialize'],
  ...['raycast', 'computeTangents', 'computeVertexNormals'],
  ...['normalizeNormals', 'toNonIndexed', 'setFromPoints', 'applyQuaternion', 'lookAt', 'rotateX', 'rotateY'],
  ...['rotateZ', 'center', 'readRenderTargetPixelsAsync', 'copyTextureToTexture', 'copyFramebufferToTexture'],
  ...['copyTextureToBuffer', 'generateMipmaps', 'compileAsync', 'computeAsync', 'compute', 'beginCompute'],
  ...['finishCompute', 'createComputePipeline', 'updateForCompute', 'getForCompute'],
  ...['resolveOccludedAsync'],
  ...['getArrayBufferAsync', 'setFromMatrixScale', 'randomDirection', 'random', 'setFromEuler'],
  ...[
    'makeRotationFromEuler',
    'extractRotation',
    'extractBasis',
    'makeShear',
    'slerpQuaternions',
    'rotateTowards',
  ],
  ...['_computeIntersections', 'checkGeometryIntersection', 'checkIntersection', 'getVertexPosition'],
  ...['_getBlockData', '_copyCompressedBufferToTexture', '_createExternalTextureViews'],
  ...['_copyImageToTexture', '_copyCubeMapToTexture', '_copyFramebufferToTexture', 'writeTextureLayer'],
  ...['generateTextureGather', 'generateTextureGatherCompare', 'generateTextureGrad', 'generateTextureBias'],
  ...['generateTextureCompare', 'generateFilteredTexture', 'compileComputeAsync', '_getWGSLComputeCode'],
  ...['_getComputePipeline', 'buildAsync', 'getShaderAsync', '_beginPreCompile', 'getForRenderDeferred'],
  ...['_renderBundle', '_bundleNeedsUpdate', 'createBundleEncoder', '_createArrayCameraBundleEncoders'],
  ...['_createArrayCameraLayerDescriptors', '_updateArrayCameraLayerDescriptors', '_renderOutputLayers'],
  ...['getWireframeIndex', 'expandByObject', 'setStyle', 'makePerspective', 'slerp', 'isDeterministic'],
  ...[
    'setFromUnitVectors',
    'slerpFlat',
    'multiplyQuaternionsFlat',
    'localToWorld',
    'worldToLocal',
    'rotateOnAxis',
  ],
  ...[
    'rotateOnWorldAxis',
    'translateOnAxis',
    'translateX',
    'translateY',
    'translateZ',
    'getObjectsByProperty',
  ],
  ...['offsetHSL', 'lerpHSL', 'getHSL', 'setHSL', 'toFixed', 'getHexString', 'getStyle', 'setFromSpherical'],
  ...[
    'setFromSphericalCoords',
    'setFromCylindrical',
    'setFromCylindricalCoords',
    'applyAxisAngle',
    'applyEuler',
  ],
  ...[
    'projectOnPlane',
    'projectOnVector',
    'reflect',
    'angleTo',
    'manhattanDistanceTo',
    'setAxisAngleFromQuaternion',
  ],
  ...[
    'setAxisAngleFromRotationMatrix',
    'intersectsTriangle',
    'intersectsPlane',
    'intersectLine',
    'intersectsLine',
  ],
];

/** In the one way that its classes lay them out. */
const UNCALLED = new RegExp(
  `^\\t(?:async )?(?:${[...new Set(METHODS)].join('|')})\\([^\\n]*\\) \\{\\n[\\s\\S]*?\\n\\t\\}$`,
  'gm',
);

/** The names that a module of three.js exports; they are declared in two ways only. */
function exportsOf(source: string): string[] {
  const listed = [...source.matchAll(/^export \{([^}]*)\}/gm)].flatMap(([, names]) => names.split(','));
  const declared = [...source.matchAll(/^export (?:const|class|function) (\w+)/gm)].map(([, name]) => name);
  return [...listed, ...declared].map((name) => name.trim()).filter((name) => name !== '');
}

export function withoutUnused(): Plugin {
  return {
    name: 'three-without-unused',
    enforce: 'pre',
    transform(code, id) {
      if (!id.includes('/three/src/')) return null;
      return { code: code.replace(UNCALLED, ''), map: null };
    },
    load(id) {
      if (id.endsWith('/three/src/renderers/common/XRManager.js'))
        return { code: NO_XR, map: { mappings: '' } };
      if (!UNUSED.some((end) => id.endsWith(end))) return null;
      const source = readFileSync(id, 'utf8');
      const names = exportsOf(source).map((name) => `export class ${name} {}`);
      if (/^export default /m.test(source)) names.push('export default class {}');
      if (names.length === 0) this.error(`${id} exports nothing that this plugin understands`);
      return { code: names.join('\n'), map: { mappings: '' } };
    },
  };
}
