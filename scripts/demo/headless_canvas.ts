/**
 * The little of a browser that three.js needs to draw in Node: a canvas whose picture is a texture of the device. For
 * machines with a graphics card and no browser.
 */
import { openDawn } from '../../src/webgpu/dawn.js';

/** What a canvas' context is told by who draws on it. */
type Configuration = {
  readonly device: GPUDevice;
  readonly format: GPUTextureFormat;
  readonly usage?: number;
};

class TextureContext {
  private configuration: Configuration | null = null;
  private texture: GPUTexture | null = null;

  constructor(private readonly canvas: { readonly width: number; readonly height: number }) {}

  configure(configuration: Configuration): void {
    this.configuration = configuration;
  }

  unconfigure(): void {
    this.texture?.destroy();
    this.texture = null;
  }

  getCurrentTexture(): GPUTexture {
    const { canvas, configuration } = this;
    const { width, height } = canvas;
    if (configuration === null) throw new Error('the canvas has not been configured');
    if (this.texture?.width !== width || this.texture.height !== height) {
      this.texture?.destroy();
      const { device, format, usage = GPUTextureUsage.RENDER_ATTACHMENT } = configuration;
      this.texture = device.createTexture({ size: [width, height], format, usage });
    }
    return this.texture;
  }
}

class HeadlessCanvas {
  width = 1;
  height = 1;
  readonly style = {};
  private readonly context = new TextureContext(this);

  getContext(): TextureContext {
    return this.context;
  }

  addEventListener(): void {}

  removeEventListener(): void {}

  remove(): void {}
}

/** Puts the globals there that three.js and the page's painter look for. */
export async function installHeadlessCanvas(): Promise<void> {
  const { gpu } = await openDawn((dawn) => dawn.requestAdapter());
  const { globals } = (await import('webgpu')) as { globals: object };
  Object.assign(globalThis, globals, {
    document: { createElement: () => new HeadlessCanvas() },
    // Frames are asked for by hand.
    self: { requestAnimationFrame: () => 0, cancelAnimationFrame: () => undefined },
    devicePixelRatio: 1,
  });
  Object.assign(gpu, { getPreferredCanvasFormat: () => 'bgra8unorm' });
  Object.defineProperty(globalThis, 'navigator', {
    value: { ...globalThis.navigator, gpu },
    configurable: true,
  });
}
