/** Reflects a linked shader, and checks it against the contract that it implements. */
import { WgslReflect } from 'wgsl_reflect/wgsl_reflect.module.js';
import type { KernelContract } from '../../src/backend/kernel.js';
import type { Launch } from '../../src/webgpu/launches.js';
import { originalLine, type Shader, type ShaderBinding, type ShaderField } from '../../src/webgpu/shader.js';
import type { LinkedShader } from './link.js';

/**
 * Defaults of override constants: reflection gives their names only. One that is computed from others is none for
 * the host to set.
 */
function overrideDefaults(source: string, name: string): Record<string, number> {
  const defaults: Record<string, number> = {};
  for (const [line, constant, value] of source.matchAll(/^override (\w+)[^=;]*=\s*([^;]+);/gm)) {
    if (/[A-Z]/.test(value)) continue;
    const number = Number(value.replace(/[uif]$/, ''));
    if (!Number.isFinite(number)) throw new Error(`${name}: the default of "${line}" is not a number`);
    defaults[constant] = number;
  }
  return defaults;
}

/** Names of what arrays of numbers hold, and which numbers those are. */
const NUMBERS: Readonly<Record<string, string>> = { vec4f: 'f32', vec2f: 'f32', vec4u: 'u32', vec2u: 'u32' };

/** The numbers that a storage array holds, whether one by one, atomic, in vectors or by another name for these. */
function elementOf(source: string, array: string): string | undefined {
  const declared = new RegExp(`var<storage, \\w+> ${array}: array<(?:atomic<)?(\\w+)>`).exec(source)?.[1];
  const alias = new RegExp(`^alias ${declared} = (\\w+);`, 'm').exec(source)?.[1];
  const name = alias ?? declared;
  return name === undefined ? undefined : (NUMBERS[name] ?? name);
}

/**
 * What the host needs to know of a shader.
 * @throws Error naming the shader and the field when it uses anything that the host does not support
 */
export function reflectShader(name: string, linked: LinkedShader): Shader {
  const fail = (what: string): never => {
    throw new Error(`${name}: ${what}`);
  };
  let reflected: WgslReflect;
  try {
    reflected = new WgslReflect(linked.source);
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    return fail(
      `cannot be parsed: ${message.replace(/Line: (\d+)/, (_, n) => originalLine(linked, Number(n)))}`,
    );
  }
  const { uniforms, storage, textures, samplers } = reflected;
  if (textures.length + samplers.length > 0) fail('textures and samplers are not supported');
  if (uniforms.length !== 1) fail(`has ${uniforms.length} uniforms, not the one struct of parameters`);
  const fields = (uniforms[0].members ?? []).map(({ name: field, type, offset }): ShaderField => {
    if (type.name !== 'u32' && type.name !== 'f32') {
      return fail(`uniform field ${field} is ${type.name}, not u32 or f32`);
    }
    return { name: field, type: type.name, offset };
  });
  const bindings = [...uniforms, ...storage]
    .sort((a, b) => a.binding - b.binding)
    .map((variable, index): ShaderBinding => {
      if (variable.group !== 0 || variable.binding !== index) {
        fail(
          `${variable.name} is @group(${variable.group}) @binding(${variable.binding}), not 0 and ${index}`,
        );
      }
      const type = uniforms.includes(variable)
        ? 'uniform'
        : variable.access === 'read'
          ? 'read-only-storage'
          : 'storage';
      return { name: variable.name, binding: index, type };
    });
  for (const variable of storage) {
    const element = elementOf(linked.source, variable.name);
    if (variable.type.name !== 'array' || (element !== 'f32' && element !== 'u32')) {
      fail(`${variable.name} is not an array of f32 or u32`);
    }
  }
  const overrides = overrideDefaults(linked.source, name);
  for (const { name: constant } of reflected.overrides) {
    if (!(constant in overrides) && !linked.source.includes(`override ${constant}: u32 = `))
      fail(`override ${constant} has no default`);
  }
  return {
    name,
    source: linked.source,
    lines: linked.lines,
    bindings,
    uniform: { size: uniforms[0].size, fields },
    entries: reflected.entry.compute.map((entry) => entry.name),
    overrides,
  };
}

/** WGSL reserves words that a contract may use, such as `target`: the shader appends an underscore. */
const contractName = (name: string) => name.replace(/_$/, '');

/**
 * Throws when a shader disagrees with its contract: another name, order, type or access of a binding, or
 * another name, order or type of a parameter.
 */
export function checkContract(shader: Shader, contract: KernelContract, launch: Launch): void {
  const fail = (what: string): never => {
    throw new Error(`${shader.name}.wgsl disagrees with its contract: ${what}`);
  };
  const parameters = Object.entries({ ...contract.params, ...launch.extras });
  shader.uniform.fields.forEach(({ name, type }, index) => {
    const expected = parameters[index];
    if (expected === undefined) return fail(`parameter ${name} is not in the contract`);
    if (name !== expected[0]) fail(`parameter ${index} is ${name}, not ${expected[0]}`);
    if (type !== expected[1]) fail(`parameter ${name} is ${type}, not ${expected[1]}`);
  });
  const missing = parameters[shader.uniform.fields.length];
  if (missing) fail(`parameter ${missing[0]} is missing`);

  const [uniform, ...arrays] = shader.bindings;
  if (uniform?.type !== 'uniform') fail('binding 0 is not the uniform of parameters');
  const expected = Object.entries(contract.bindings).map(([name, { dtype, access }]) => ({
    name,
    element: dtype === 'u32' ? 'u32' : 'f32',
    type: access === 'read' ? 'read-only-storage' : 'storage',
  }));
  if (launch.scratch) {
    expected.push({ name: launch.scratch, element: launch.scratchType ?? 'f32', type: 'storage' });
  }
  arrays.forEach(({ name, type, binding }, index) => {
    const wanted = expected[index];
    if (wanted === undefined) return fail(`binding ${name} is not in the contract`);
    if (contractName(name) !== wanted.name) fail(`binding ${binding} is ${name}, not ${wanted.name}`);
    if (type !== wanted.type) fail(`binding ${name} is ${type}, not ${wanted.type}`);
    const element = elementOf(shader.source, name);
    if (element !== wanted.element) fail(`binding ${name} holds ${element}, not ${wanted.element}`);
  });
  if (arrays.length < expected.length) fail(`binding ${expected[arrays.length].name} is missing`);
}
