/** Finding a GPU: in a page through `navigator.gpu`, in Node through the optional package `webgpu` (Dawn). */
import { TributaryError } from '../errors.js';
import { openDawn } from './dawn.js';

export interface DeviceRequest {
  readonly powerPreference?: GPUPowerPreference;
  /** Ask for timestamps, for times kernel by kernel. */
  readonly profile?: boolean;
}

export interface OpenedDevice {
  readonly device: GPUDevice;
  readonly description: string;
  /** Whether the adapter is a processor that plays a graphics card. */
  readonly software: boolean;
  /** Dawn's instance in Node lives as long as something refers to it. */
  readonly keepAlive: unknown;
}

/** Limits worth raising above WebGPU's defaults: all others suffice for every kernel. */
const RAISED_LIMITS = ['maxStorageBufferBindingSize', 'maxBufferSize'] as const;

const inNode = () => typeof process !== 'undefined' && process.versions?.node !== undefined;

async function adapterOf(gpu: GPU, request: DeviceRequest): Promise<GPUAdapter | null> {
  const powerPreference = request.powerPreference ?? 'high-performance';
  return (
    (await gpu.requestAdapter({ powerPreference })) ??
    (await gpu.requestAdapter({ forceFallbackAdapter: true }))
  );
}

/** What an adapter calls itself, and whether it is software. */
export function describeAdapter(info: GPUAdapterInfo | undefined): {
  description: string;
  software: boolean;
} {
  const parts = [info?.vendor, info?.architecture, info?.description || info?.device];
  const description = [...new Set(parts.filter((part) => part))].join(' ') || 'WebGPU device';
  const software =
    info?.isFallbackAdapter === true || /swiftshader|llvmpipe|lavapipe|warp/i.test(description);
  return { description, software };
}

/** Whether a device's subgroups hold at least four invocations, which can read each other's registers. */
export function hasQuads(device: GPUDevice): boolean {
  const { subgroupMinSize = 0 } = device.adapterInfo ?? {};
  return device.features.has('subgroups') && subgroupMinSize >= 4;
}

/**
 * A device with the adapter's limits.
 * @throws TributaryError `no-adapter` when there is none, with what to do
 */
export async function openDevice(request: DeviceRequest): Promise<OpenedDevice> {
  const pageGpu = typeof navigator === 'undefined' ? undefined : navigator.gpu;
  let gpu: GPU;
  let adapter: GPUAdapter | null;
  if (pageGpu) {
    gpu = pageGpu;
    adapter = await adapterOf(gpu, request);
  } else if (inNode()) {
    ({ gpu, adapter } = await openDawn((instance) => adapterOf(instance, request)));
  } else {
    throw new TributaryError(
      'no-adapter',
      'this page has no WebGPU: open it from https:// or http://localhost in a recent browser, or use the CPU',
    );
  }
  if (adapter === null) {
    throw new TributaryError(
      'no-adapter',
      inNode()
        ? 'no graphics adapter: install a Vulkan driver (or Chromium, whose software driver will do), or use the CPU'
        : 'no graphics adapter: turn hardware acceleration on in the browser’s settings, or use the CPU',
    );
  }
  const limits = adapter.limits;
  const requiredLimits = Object.fromEntries(RAISED_LIMITS.map((name) => [name, limits[name]]));
  // The types do not know the first yet.
  const features = [
    'subgroups' as GPUFeatureName,
    ...(request.profile === true ? (['timestamp-query'] as const) : []),
  ];
  const device = await adapter.requestDevice({
    label: 'tributary',
    requiredLimits,
    requiredFeatures: features.filter((feature) => adapter.features.has(feature)),
  });
  return { device, ...describeAdapter(adapter.info), keepAlive: gpu };
}
