/** What the benchmark reads off a shader, on shaders small enough to be counted by hand. */
import { describe, expect, it } from 'vitest';
import { limitsOf, limitsText } from '../../bench/gpu/limits.js';
import { SHADERS } from '../../src/webgpu/shaders.js';

const HEAD = `
struct Params { n: u32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> rows: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;
override WIDTH: u32 = 8u;
`;

const limits = (code: string, constants = {}) =>
  limitsOf({ source: HEAD + code, entries: ['main'], overrides: { WIDTH: 8 } }, constants)[0];

const main = (body: string) => `@compute @workgroup_size(WIDTH, 4) fn main() { ${body} }`;

const NONE = { multiplyAdds: 0, loads: 0, bytes: 0, sharedLoads: 0 };

describe('the limits of a kernel', () => {
  it('counts a dot product: two loads of four bytes for one multiply-add', () => {
    const found = limits(
      main('var sum = 0.0; for (var k = 0u; k < params.n; k++) { sum += x[k] * x[k + 1u]; } y[0] = sum;'),
    );
    expect(found.loop).toEqual({ ...NONE, multiplyAdds: 1, loads: 2, bytes: 8 });
    expect(found.loadsPerMultiplyAdd).toBe(2);
    expect(found.bytesPerFlop).toBe(4);
    // The sum and k.
    expect(found.registers).toBe(2);
    expect(found.sharedBytes).toBe(0);
    expect(found.workgroup).toBe(32);
  });

  it('counts vectors by their numbers, and a load of one as one', () => {
    const found = limits(
      main(
        'var sum = vec4f(0.0); for (var k = 0u; k < params.n; k++) { sum += x[k] * rows[k]; } y[0] = sum.x;',
      ),
    );
    expect(found.loop).toEqual({ ...NONE, multiplyAdds: 4, loads: 2, bytes: 20 });
    expect(found.registers).toBe(5);
  });

  it.each([
    ['a * b + c', 'y[0] = x[0] * x[1] + x[2];', 1, 3],
    ['c - a * b', 'y[0] = 1.0 - x[1] * x[2];', 1, 2],
    ['a * b + c * d', 'y[0] = x[0] * x[1] + x[2] * x[3];', 1, 4],
    ['fma', 'y[0] = fma(x[0], 2.0, 1.0);', 1, 1],
    ['dot', 'y[0] = dot(rows[0], rows[1]);', 4, 2],
    [
      'a matrix of products',
      'var m = mat2x2f(); m = m + mat2x2f(x[0] * rows[0].xy, x[1] * rows[0].xy);',
      4,
      4,
    ],
    ['a matrix times a vector', 'y[0] = (mat4x4f() * rows[0]).x;', 16, 1],
    ['a product alone', 'y[0] = x[0] * x[1];', 0, 2],
    ['whole numbers', 'y[params.n * 3u + 1u] = x[2u * params.n + 1u];', 0, 1],
    ['what is added to itself', 'y[0] += x[0] * x[1];', 1, 3],
  ])('knows %s', (_, body, multiplyAdds, loads) => {
    const { loop } = limits(main(body));
    expect([loop.multiplyAdds, loop.loads]).toEqual([multiplyAdds, loads]);
  });

  it('takes a loop whose length is known as often as it runs, overrides included', () => {
    const body = `
      var sum = 0.0;
      for (var first = 0u; first < params.n; first += WIDTH) {
        let depth = min(WIDTH, params.n - first);
        for (var k = 0u; k < depth; k++) { sum = fma(x[k], 2.0, sum); }
      }
      y[0] = sum;`;
    expect(limits(main(body)).loop).toEqual({ ...NONE, multiplyAdds: 8, loads: 8, bytes: 32 });
    expect(limits(main(body), { WIDTH: 16 }).loop.multiplyAdds).toBe(16);
  });

  it('takes the loop that lies deepest, and of several there the dearest', () => {
    const body = `
      for (var i = 0u; i < params.n; i++) {
        for (var k = 0u; k < params.n; k++) { y[k] = fma(x[k], 2.0, x[i]); }
        for (var k = 0u; k < params.n; k++) { y[k] = dot(rows[k], rows[i]); }
      }
      for (var k = 0u; k < params.n; k++) { y[k] = dot(rows[k], rows[0]) + dot(rows[k], rows[1]) + dot(rows[2], rows[1]); }`;
    expect(limits(main(body)).loop).toEqual({ ...NONE, multiplyAdds: 4, loads: 2, bytes: 32 });
  });

  it('takes functions in place, the dearer way of a branch, and the one way of a constant', () => {
    const code = `
      const FAST = true;
      fn load(i: u32) -> f32 { var value = 0.0; if (i < params.n) { value = x[i]; } return value; }
      ${main(`
        if (params.n > 2u) { y[0] = load(0u); } else { y[0] = load(1u) + load(2u); }
        if (FAST) { y[1] = load(3u); } else { y[1] = dot(rows[0], rows[1]); }`)}`;
    const found = limits(code);
    expect(found.loop).toEqual({ ...NONE, loads: 3, bytes: 12 });
    // In load(): its argument and the value.
    expect(found.registers).toBe(2);
  });

  it('knows what of workgroup memory an entry point uses, and what it loads from there', () => {
    const code = `
      var<workgroup> tile: array<vec4f, WIDTH * 2u>;
      var<workgroup> unused: array<f32, 100>;
      ${main('var sum = vec4f(0.0); for (var k = 0u; k < params.n; k++) { sum += tile[k].x * tile[k + 1u]; } y[0] = sum.x;')}`;
    const found = limits(code);
    expect(found.sharedBytes).toBe(16 * 16);
    expect(found.loop).toEqual({ ...NONE, multiplyAdds: 4, sharedLoads: 2 });
    expect(found.sharedLoadsPerMultiplyAdd).toBe(0.5);
    expect(limits(code, { WIDTH: 16 }).sharedBytes).toBe(16 * 32);
  });

  it('counts what is in scope at once', () => {
    const body = `
      let a = array<vec4f, 3>();
      { let b = mat4x4f(); y[0] = b[0].x; }
      { let c = vec2f(); let d = vec3u(); y[1] = c.x; }
      let e = a[0].xy;`;
    // The array with the matrix; with c and d, or with e, it is less.
    expect(limits(main(body)).registers).toBe(12 + 16);
  });

  it('reads every kernel of the table', () => {
    for (const shader of Object.values(SHADERS)) {
      const all = limitsOf(shader);
      expect(all.map(({ entry }) => entry).sort()).toEqual([...shader.entries].sort());
      for (const found of all) {
        const numbers = [found.workgroup, found.registers, found.sharedBytes, ...Object.values(found.loop)];
        expect(numbers.every(Number.isFinite), `${shader.name}.${found.entry}`).toBe(true);
        expect(limitsText(found)).toMatch(/^\d+ registers/);
      }
    }
    // Four products and their sum: (1 - β1) g + β1 m and the like.
    expect(limitsOf(SHADERS.adamw)[0].loop.multiplyAdds).toBe(4);
  });
});
