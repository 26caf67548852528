/** The two materials of a density view: particles added up, and their sum toned into a picture. */

import {
  abs,
  attribute,
  clamp,
  exp,
  float,
  floor,
  length,
  max,
  mix,
  mod,
  positionGeometry,
  pow,
  select,
  texture,
  uniform,
  uniformArray,
  uv,
  varying,
  vec2,
  vec4,
} from 'three/tsl';
import {
  AddEquation,
  CustomBlending,
  type Node,
  NodeMaterial,
  OneFactor,
  OneMinusSrcAlphaFactor,
  type Texture,
  Vector2,
  Vector3,
  ZeroFactor,
} from 'three/webgpu';

/** Colours that a palette may have. */
export const PALETTE_SIZE = 16;

/** A sprite's weight is exp(−FALLOFF r²) at radius r of 1, cut there. */
const FALLOFF = 3;

/** What may change from frame to frame without compiling anything again. */
export function densityUniforms() {
  return {
    /** Where between `from` and `to` the particles are. */
    fraction: uniform(0),
    /** What the next frame forgets of the sum. */
    fade: uniform(1),
    /** The window's centre, and clip units a unit of the data. */
    center: uniform(new Vector2(0, 0)),
    zoom: uniform(new Vector2(1, 1)),
    /** A sprite's radius in clip units, and its weight. */
    radius: uniform(new Vector2(0.01, 0.01)),
    weight: uniform(1),
    /** 0 one colour, 1 labels, 2 a ramp over values, 3 a ramp over speeds. */
    mode: uniform(0),
    /** value → (value − low)·scale for a ramp. */
    low: uniform(0),
    scale: uniform(1),
    palette: uniformArray<'vec3'>(
      Array.from({ length: PALETTE_SIZE }, () => new Vector3(1, 1, 1)),
      'vec3',
    ),
    colours: uniform(1),
    exposure: uniform(1),
    gamma: uniform(0.7),
    opacity: uniform(1),
  };
}

export type DensityUniforms = ReturnType<typeof densityUniforms>;

/** The particle's place in clip coordinates, and its colour. */
function particle(u: DensityUniforms) {
  const from = attribute<'vec2'>('placeBefore', 'vec2');
  const to = attribute<'vec2'>('placeAfter', 'vec2');
  const value = attribute<'float'>('value', 'float');
  const place = mix(from, to, u.fraction).sub(u.center).mul(u.zoom);
  const last = u.colours.sub(1);
  const measured = select(u.mode.greaterThan(2.5), length(to.sub(from)), value);
  const along = clamp(measured.sub(u.low).mul(u.scale), 0, 1).mul(last);
  const label = mod(max(value, 0), u.colours);
  const index = select(u.mode.lessThan(1.5), select(u.mode.lessThan(0.5), float(0), label), along);
  const below = floor(index.add(1e-4));
  const low = u.palette.element(below.toInt());
  const high = u.palette.element(below.add(1).min(last).toInt());
  const colour: Node<'vec3'> = varying(mix(low, high, clamp(index.sub(below), 0, 1)));
  return { place, colour };
}

function additive(material: NodeMaterial): NodeMaterial {
  material.transparent = true;
  material.depthTest = false;
  material.depthWrite = false;
  material.blending = CustomBlending;
  material.blendEquation = AddEquation;
  material.blendSrc = OneFactor;
  material.blendDst = OneFactor;
  material.blendSrcAlpha = OneFactor;
  material.blendDstAlpha = OneFactor;
  return material;
}

/** Soft discs: each adds its colour times its weight, and its weight to the fourth channel. */
export function spriteMaterial(u: DensityUniforms): NodeMaterial {
  const material = additive(new NodeMaterial());
  const { place, colour } = particle(u);
  const corner = positionGeometry.xy;
  material.vertexNode = vec4(place.add(corner.mul(u.radius)), 0, 1);
  const inside: Node<'vec2'> = varying(corner);
  const squared = inside.dot(inside);
  const weight = select(squared.lessThan(1), exp(squared.mul(-FALLOFF)), float(0)).mul(u.weight);
  material.fragmentNode = vec4(colour.mul(weight), weight);
  return material;
}

/** One pixel a particle. */
export function pixelMaterial(u: DensityUniforms): NodeMaterial {
  const material = additive(new NodeMaterial());
  const { place, colour } = particle(u);
  material.vertexNode = vec4(place, 0, 1);
  material.fragmentNode = vec4(colour.mul(u.weight), u.weight);
  return material;
}

/** Multiplies what has been added up so far by 1 − its opacity, for trails. */
export function fadeMaterial(fade: DensityUniforms['fade']): NodeMaterial {
  const material = additive(new NodeMaterial());
  material.blendSrc = ZeroFactor;
  material.blendSrcAlpha = ZeroFactor;
  material.blendDst = OneMinusSrcAlphaFactor;
  material.blendDstAlpha = OneMinusSrcAlphaFactor;
  material.vertexNode = vec4(positionGeometry.xy, 0, 1);
  material.fragmentNode = vec4(0, 0, 0, fade);
  return material;
}

/**
 * The picture: (1 − exp(−exposure · density))^gamma as opacity, the weighted mean of the colours as colour.
 * @param linear whether the renderer converts what a material writes from linear light
 */
export function toneMaterial(u: DensityUniforms, sum: Texture, linear: boolean): NodeMaterial {
  const material = new NodeMaterial();
  material.transparent = true;
  material.depthTest = false;
  material.depthWrite = false;
  material.blending = CustomBlending;
  material.blendEquation = AddEquation;
  material.blendSrc = OneFactor;
  material.blendDst = OneMinusSrcAlphaFactor;
  material.blendSrcAlpha = OneFactor;
  material.blendDstAlpha = OneMinusSrcAlphaFactor;
  // A render target's first row is at its top.
  const added = texture(sum, vec2(uv().x, uv().y.oneMinus()));
  const density = abs(added.a);
  const tone = pow(exp(density.mul(u.exposure).negate()).oneMinus(), u.gamma).mul(u.opacity);
  const mean = added.rgb.div(max(density, 1e-6));
  const colour = linear ? pow(clamp(mean, 0, 1), 2.2) : clamp(mean, 0, 1);
  material.fragmentNode = vec4(colour.mul(tone), tone);
  return material;
}
