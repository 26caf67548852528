import {
  BufferGeometry,
  HalfFloatType,
  LinearFilter,
  Mesh,
  type NodeMaterial,
  OrthographicCamera,
  PlaneGeometry,
  Points,
  RenderTarget,
  Scene,
  SRGBColorSpace,
  type Vector3,
  type WebGPURenderer,
} from 'three/webgpu';
import type { Backend } from '../backend/backend.js';
import { badInput } from '../errors.js';
import { Columns, type Source } from './columns.js';
import {
  densityUniforms,
  fadeMaterial,
  PALETTE_SIZE,
  pixelMaterial,
  spriteMaterial,
  toneMaterial,
} from './shading.js';

/** Sprites are drawn from this radius, in pixels; smaller ones are single pixels. */
const SMALLEST_SPRITE = 0.9;
/** Above this many particles sprites cost more fragments than they show. */
const MOST_SPRITES = 400_000;
/** Sum of a sprite's weights in units of its radius squared: π(1 − e⁻³)/3. */
const SPRITE_SUM = (Math.PI * (1 - Math.exp(-3))) / 3;

/** A colour as red, green and blue from 0 to 1, as a page writes them (sRGB). */
export type Colour = readonly [number, number, number];

/** How particles get their colours. */
export type Colouring =
  | { readonly by: 'one' }
  /** Whole numbers from 0; more than the palette has begin again. */
  | { readonly by: 'label'; readonly values: Source }
  /** Any number: the palette is a ramp from `low` to `high`. */
  | { readonly by: 'value'; readonly values: Source; readonly low: number; readonly high: number }
  /** Distance between the two sources shown: the palette is a ramp from `low` to `high`. */
  | { readonly by: 'speed'; readonly low: number; readonly high: number };

/**
 * Particles as a density: all of them are added up, off screen, in 16-bit floats, and the sum is toned so that a
 * region looks alike whether 1000 or 4 million points describe it. On a WebGPU engine's device the particles are
 * drawn from the engine's own buffers: nothing is read back or copied, and a frame allocates nothing.
 *
 * `mesh` is a rectangle from (−1, −1) to (1, 1): put it anywhere into a scene. `accumulate()` it before the
 * scene is rendered.
 */
export class DensityView {
  readonly mesh: Mesh;
  private readonly u = densityUniforms();
  private readonly target: RenderTarget;
  private readonly scene = new Scene();
  private readonly camera = new OrthographicCamera(-1, 1, 1, -1, 0, 1);
  private readonly sprites: Mesh;
  private readonly pixels: Points<BufferGeometry, NodeMaterial>;
  private readonly fader: Mesh;
  private readonly materials;
  private readonly mostDiscs: number;
  private columns: Columns | null = null;
  private span = 4;
  private trail = 0;
  private brightness = 1;

  /**
   * @param engine whose arrays will be shown; with a WebGPU engine the renderer must draw on its device, as one
   *   of `engineRenderer` does
   * @param size of the sum in pixels, and up to how many particles are drawn as discs: above it each is one pixel,
   *   which costs a software adapter a twentieth
   */
  constructor(
    private readonly renderer: WebGPURenderer,
    private readonly engine: Backend,
    size: { width: number; height: number; mostDiscs?: number },
  ) {
    const { width, height, mostDiscs = MOST_SPRITES } = size;
    this.mostDiscs = mostDiscs;
    this.target = new RenderTarget(width, height, { type: HalfFloatType, depthBuffer: false });
    this.target.texture.minFilter = LinearFilter;
    this.target.texture.magFilter = LinearFilter;
    this.target.texture.generateMipmaps = false;
    const linear = renderer.outputColorSpace === SRGBColorSpace;
    this.materials = {
      sprite: spriteMaterial(this.u),
      pixel: pixelMaterial(this.u),
      fade: fadeMaterial(this.u.fade),
      tone: toneMaterial(this.u, this.target.texture, linear),
    };
    this.sprites = new Mesh(undefined, this.materials.sprite);
    this.pixels = new Points(new BufferGeometry(), this.materials.pixel);
    this.fader = new Mesh(new PlaneGeometry(2, 2), this.materials.fade);
    this.fader.renderOrder = -1;
    for (const object of [this.fader, this.sprites, this.pixels]) {
      object.frustumCulled = false;
      object.matrixAutoUpdate = false;
      object.visible = false;
      this.scene.add(object);
    }
    // Nothing here has a place of its own: no matrix is ever computed again.
    this.scene.matrixWorldAutoUpdate = false;
    this.camera.matrixWorldAutoUpdate = false;
    this.mesh = new Mesh(new PlaneGeometry(2, 2), this.materials.tone);
    this.mesh.frustumCulled = false;
  }

  /** Particles shown. */
  get count(): number {
    return this.columns?.count ?? 0;
  }

  /**
   * Shows `count` particles at `from`, or on the way from there to `to`: two steps of a sampler.
   * @param from [count, 2] or longer; read anew on every frame where it is an array of the engine's
   * @param fraction 0 at `from`, 1 at `to`
   * @throws TributaryError('bad-input') for too few numbers, or an array that a renderer cannot draw
   */
  show(count: number, from: Source, to: Source = from, fraction = 0): void {
    if (!Number.isInteger(count) || count < 1)
      badInput(`particles to draw is ${count}; it must be 1 or more`);
    if (this.columns?.count !== count) {
      const old = this.columns;
      this.columns = new Columns(this.renderer, this.engine, count);
      // Until a colouring asks for values something must be bound: positions are long enough.
      this.columns.set('placeBefore', from);
      this.columns.set('placeAfter', to);
      this.columns.set('value', from);
      this.u.mode.value = 0;
      this.sprites.geometry = this.columns.sprites;
      this.pixels.geometry = this.columns.points;
      old?.dispose();
    }
    this.columns.set('placeBefore', from);
    this.columns.set('placeAfter', to);
    this.u.fraction.value = fraction;
  }

  /**
   * Colours from the next frame on. A change of the number of particles goes back to one colour.
   * @param palette 1 to 16 colours: one a label, or a ramp's
   */
  colour(colouring: Colouring, palette: readonly Colour[]): void {
    if (palette.length < 1 || palette.length > PALETTE_SIZE) {
      badInput(`a palette has 1 to ${PALETTE_SIZE} colours, got ${palette.length}`);
    }
    const { u } = this;
    palette.forEach(([red, green, blue], i) => (u.palette.array[i] as Vector3).set(red, green, blue));
    u.colours.value = palette.length;
    u.mode.value = { one: 0, label: 1, value: 2, speed: 3 }[colouring.by];
    if (colouring.by === 'label' || colouring.by === 'value') this.columns?.set('value', colouring.values);
    if (colouring.by === 'value' || colouring.by === 'speed') {
      u.low.value = colouring.low;
      u.scale.value = 1 / Math.max(1e-12, colouring.high - colouring.low);
    }
  }

  /**
   * @param center of the window, in the particles' coordinates
   * @param span what the window's height shows
   */
  look(center: readonly [number, number], span: number): void {
    const { width, height } = this.target;
    this.span = span;
    this.u.center.value.set(center[0], center[1]);
    this.u.zoom.value.set((2 / span) * (height / width), 2 / span);
  }

  /**
   * @param brightness 1 shows a probability density of 1 at 63 % of full before `gamma`
   * @param trail share of the sum that stays for the next frame: 0 for none, below 1
   */
  tone({ brightness = this.brightness, trail = this.trail, gamma = this.u.gamma.value, opacity = 1 }): void {
    this.brightness = brightness;
    this.trail = Math.min(0.98, Math.max(0, trail));
    this.u.gamma.value = gamma;
    this.u.opacity.value = opacity;
  }

  setSize(width: number, height: number): void {
    if (this.target.width === width && this.target.height === height) return;
    this.target.setSize(width, height);
    this.look([this.u.center.value.x, this.u.center.value.y], this.span);
  }

  /** Adds the particles up: once a frame, before the scene that holds `mesh` is rendered. */
  accumulate(): void {
    const { renderer, target, count, u } = this;
    if (count === 0) return;
    const { width, height } = target;
    const pixelsAUnit = height / this.span;
    // The window’s pixels shared out among the particles: few are discs, many are dust.
    const radius = Math.min(4.5, Math.sqrt((width * height) / (count * Math.PI)));
    const asSprites = radius >= SMALLEST_SPRITE && count <= this.mostDiscs;
    this.sprites.visible = asSprites;
    this.pixels.visible = !asSprites;
    u.radius.value.set((2 * radius) / width, (2 * radius) / height);
    u.weight.value = asSprites ? 1 / (SPRITE_SUM * radius * radius) : 1;
    // Weights a pixel = count · density / pixelsAUnit²; what trails leave behind adds up.
    u.exposure.value = (this.brightness * pixelsAUnit ** 2 * (1 - this.trail)) / count;
    this.fader.visible = this.trail > 0;
    this.u.fade.value = 1 - this.trail;
    const before = renderer.getRenderTarget();
    const autoClear = renderer.autoClear;
    const alpha = renderer.getClearAlpha();
    const lit = renderer.lighting.enabled;
    renderer.setRenderTarget(target);
    // No lights here: three.js need not look on every frame whether they have changed.
    renderer.lighting.enabled = false;
    renderer.autoClear = this.trail === 0;
    renderer.setClearAlpha(0);
    renderer.render(this.scene, this.camera);
    renderer.setRenderTarget(before);
    renderer.setClearAlpha(alpha);
    renderer.autoClear = autoClear;
    renderer.lighting.enabled = lit;
  }

  /** Frees what it made and leaves the engine's arrays alone. Call it before `renderer.dispose()`. */
  dispose(): void {
    this.columns?.dispose();
    this.fader.geometry.dispose();
    this.mesh.geometry.dispose();
    for (const material of Object.values(this.materials)) material.dispose();
    this.target.dispose();
  }
}
