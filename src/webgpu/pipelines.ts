/** Pipelines by kernel, entry point and constants: each is compiled once, asynchronously. */
import { TributaryError } from '../errors.js';
import type { Counters } from './pool.js';
import { COMPUTE_STAGE, scoped } from './scope.js';
import { originalLine, type Shader } from './shader.js';

export interface Kernel {
  readonly shader: Shader;
  readonly layout: GPUBindGroupLayout;
  /** By entry point. */
  readonly pipelines: ReadonlyMap<string, GPUComputePipeline>;
  /** Override constants with their values. */
  readonly constants: Readonly<Record<string, number>>;
}

/** The message of a shader that does not compile: file and line of what was written, and the line itself. */
function shaderError(
  shader: Shader,
  source: string,
  info: GPUCompilationInfo,
  fallback: string,
): TributaryError {
  const errors = info.messages.filter(({ type }) => type === 'error');
  const lines = source.split('\n');
  const described = errors.map(({ lineNum, linePos, message }) => {
    if (lineNum === 0) return message;
    return `${originalLine(shader, lineNum)}:${linePos}: ${message}\n    ${lines[lineNum - 1]?.trim() ?? ''}`;
  });
  return new TributaryError('shader', `kernel ${shader.name}: ${described.join('\n') || fallback}`);
}

export class PipelineCache {
  private readonly kernels = new Map<string, Promise<Kernel>>();

  constructor(
    private readonly device: GPUDevice,
    private readonly counters: Counters,
    /** Override constants to change wherever a shader has them. */
    private readonly tuning: Readonly<Record<string, number>> = {},
  ) {}

  /**
   * The constants that the shader runs with.
   * @param own what a call's shape asks for
   */
  constantsOf(shader: Shader, own: Readonly<Record<string, number>> = {}): Record<string, number> {
    return Object.fromEntries(
      Object.entries(shader.overrides).map(([name, value]) => [
        name,
        this.tuning[name] ?? own[name] ?? value,
      ]),
    );
  }

  /** @throws TributaryError `shader` with file and line when it does not compile */
  kernel(shader: Shader, own: Readonly<Record<string, number>> = {}): Promise<Kernel> {
    const constants = this.constantsOf(shader, own);
    const key = `${shader.name} ${JSON.stringify(constants)}`;
    let kernel = this.kernels.get(key);
    if (kernel === undefined) {
      kernel = this.create(shader, constants);
      this.kernels.set(key, kernel);
      // A failure is not kept: what failed for want of memory may succeed later.
      kernel.catch(() => this.kernels.delete(key));
    }
    return kernel;
  }

  private async create(shader: Shader, constants: Record<string, number>): Promise<Kernel> {
    const { device } = this;
    const source = shader.fetched ? await shader.fetched() : shader.source;
    const { value: module, error: moduleError } = scoped(device, `kernel ${shader.name}`, () =>
      device.createShaderModule({ label: shader.name, code: source }),
    );
    const { value: layout, error: layoutError } = scoped(device, `layout of ${shader.name}`, () =>
      device.createBindGroupLayout({
        label: shader.name,
        entries: shader.bindings.map(({ binding, type }) => ({
          binding,
          visibility: COMPUTE_STAGE,
          buffer: { type },
        })),
      }),
    );
    const pipelineLayout = device.createPipelineLayout({ label: shader.name, bindGroupLayouts: [layout] });
    const info = await module.getCompilationInfo();
    const invalid = await moduleError;
    if (invalid) throw shaderError(shader, source, info, invalid.message);
    const layoutInvalid = await layoutError;
    if (layoutInvalid) throw layoutInvalid;
    const changed = Object.fromEntries(
      Object.entries(constants).filter(([name, value]) => value !== shader.overrides[name]),
    );
    const pipelines = await Promise.all(
      shader.entries.map(async (entryPoint) => {
        try {
          const pipeline = await device.createComputePipelineAsync({
            label: `${shader.name}.${entryPoint}`,
            layout: pipelineLayout,
            compute: { module, entryPoint, constants: changed },
          });
          this.counters.pipelines++;
          return [entryPoint, pipeline] as const;
        } catch (cause) {
          const message = cause instanceof Error ? cause.message : String(cause);
          throw new TributaryError('shader', `kernel ${shader.name}, entry ${entryPoint}: ${message}`, {
            cause,
          });
        }
      }),
    );
    return { shader, layout, pipelines: new Map(pipelines), constants };
  }
}
