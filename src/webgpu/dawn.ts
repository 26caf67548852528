/** WebGPU in Node: the optional package `webgpu` (Dawn), on Chromium's software driver if there is no other. */
import { TributaryError } from '../errors.js';

/** Where Chromium and Chrome keep their software driver, with Vulkan's loader beside it. */
const SOFTWARE_DRIVERS = ['/usr/lib/chromium', '/usr/lib/chromium-browser', '/opt/google/chrome'];

const DRIVER_VARIABLE = 'VK_ICD_FILENAMES';

/** dlopen's flag that keeps a library loaded after it is closed, by value: Node does not name it. */
const RTLD_NODELETE = 0x1000;

async function importDawn(): Promise<() => GPU> {
  // The name is not a literal, so that no bundler of a page tries to resolve what only Node has.
  const name = 'webgpu';
  try {
    const dawn = (await import(/* @vite-ignore */ /* webpackIgnore: true */ name)) as {
      create(options: string[]): GPU;
    };
    return () => dawn.create([]);
  } catch (cause) {
    throw new TributaryError(
      'no-adapter',
      'WebGPU in Node needs the optional package "webgpu": run "npm install webgpu"',
      { cause },
    );
  }
}

/**
 * Loads Vulkan's loader, which Dawn then finds by its name: a machine without a graphics driver often lacks the
 * loader too. Node opens libraries only as add-ons and complains that this is none, but it stays loaded.
 */
function preloadVulkan(library: string): void {
  const { constants } = process.getBuiltinModule('node:os');
  try {
    process.dlopen(
      { exports: {} },
      library,
      constants.dlopen.RTLD_NOW | constants.dlopen.RTLD_GLOBAL | RTLD_NODELETE,
    );
  } catch {
    // As expected; whether it helped shows when an adapter is asked for.
  }
}

/**
 * Dawn's instance, which must stay referenced while its devices are used, and an adapter.
 * @throws TributaryError `no-adapter` with how to get it when the package is missing
 */
export async function openDawn(
  request: (gpu: GPU) => Promise<GPUAdapter | null>,
): Promise<{ gpu: GPU; adapter: GPUAdapter | null }> {
  const create = await importDawn();
  const gpu = create();
  const adapter = await request(gpu);
  if (adapter !== null || process.platform !== 'linux' || process.env[DRIVER_VARIABLE] !== undefined) {
    return { gpu, adapter };
  }
  const { existsSync } = process.getBuiltinModule('node:fs');
  const folder = SOFTWARE_DRIVERS.find((path) => existsSync(`${path}/vk_swiftshader_icd.json`));
  if (folder === undefined) return { gpu, adapter };
  preloadVulkan(`${folder}/libvulkan.so.1`);
  // The loader reads the variable when an instance is made; child processes need not inherit it.
  process.env[DRIVER_VARIABLE] = `${folder}/vk_swiftshader_icd.json`;
  try {
    const software = create();
    return { gpu: software, adapter: await request(software) };
  } finally {
    delete process.env[DRIVER_VARIABLE];
  }
}
