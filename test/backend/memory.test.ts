import { describe, expect, it } from 'vitest';
import { linearBackwardInput } from '../../src/backend/contracts/linear.js';
import { swigluForward } from '../../src/backend/contracts/swiglu.js';
import { DeviceArray, kernelCall } from '../../src/backend/kernel.js';
import { planMemory } from '../../src/backend/memory.js';
import { Trace } from '../../src/backend/trace.js';
import { CpuBackend } from '../../src/cpu/backend.js';

describe('planMemory', () => {
  it('shares a slot between temporaries that do not live at the same time, and only those', () => {
    const engine = new CpuBackend();
    const input = engine.allocate(8, 'in');
    const trace = new Trace();
    const chain = [input];
    // A chain: each link needs the one before it, so two slots serve ten links.
    for (let i = 0; i < 10; i++) {
      const next = trace.temporary(8, `link ${i}`);
      const last = chain[chain.length - 1];
      trace.call(swigluForward, { gate: last, up: last, a: next }, { n: 8 });
      chain.push(next);
    }
    const { slots, slotOf } = planMemory(trace.calls);
    expect(slots).toHaveLength(2);
    for (let i = 2; i < chain.length; i++) {
      expect(slotOf.get(chain[i].storage)).not.toBe(slotOf.get(chain[i - 1].storage));
    }
  });

  it('never overlaps two temporaries in one slot, in a real training step’s pattern', () => {
    const trace = new Trace();
    const alive: DeviceArray[] = [];
    const engine = new CpuBackend();
    alive.push(engine.allocate(64, 'in'));
    for (let i = 0; i < 40; i++) {
      const size = 1 + ((i * 37) % 64);
      const next = trace.temporary(64, `t${i}`);
      const pick = alive[(i * 7) % alive.length];
      trace.call(swigluForward, { gate: pick, up: alive[alive.length - 1], a: next }, { n: size });
      alive.push(next);
    }
    const { slotOf } = planMemory(trace.calls);
    const spans = new Map<number, [number, number][]>();
    for (const [storage, slot] of slotOf) {
      const uses = trace.calls.flatMap((call, i) =>
        Object.values(call.arrays).some((array) => array.storage === storage) ? [i] : [],
      );
      spans.set(slot, [...(spans.get(slot) ?? []), [uses[0], uses[uses.length - 1]]]);
    }
    for (const list of spans.values()) {
      list.sort((a, b) => a[0] - b[0]);
      for (let i = 1; i < list.length; i++) expect(list[i][0]).toBeGreaterThan(list[i - 1][1]);
    }
  });

  it('refuses a temporary that is read before it is written', () => {
    const trace = new Trace();
    const x = trace.temporary(4, 'never written');
    trace.call(swigluForward, { gate: x, up: x, a: trace.temporary(4, 'out') }, { n: 4 });
    expect(() => planMemory(trace.calls)).toThrow(
      /reads gate \(never written\) before anything has written it/,
    );
    const sum = new Trace();
    const engine = new CpuBackend();
    const arrays = {
      dy: engine.allocate(1, 'dy'),
      weight: engine.allocate(1, 'w'),
      dx: sum.temporary(1, 'dx'),
    };
    sum.call(linearBackwardInput, arrays, { batch: 1, inputs: 1, outputs: 1, accumulate: 1 });
    expect(() => planMemory(sum.calls)).toThrow(/before anything has written it/);
  });
});

describe('kernelCall', () => {
  const engine = new CpuBackend();
  const array = (n: number, dtype: 'float' | 'u32' = 'float') => engine.allocate(n, `array of ${n}`, dtype);

  it.each([
    [
      'too short',
      { gate: array(4), up: array(4), a: array(3) },
      { n: 4 },
      /a \[n\] needs 4 elements, array of 3 has 3/,
    ],
    [
      'of another type',
      { gate: array(4, 'u32'), up: array(4), a: array(4) },
      { n: 4 },
      /gate is u32, not float/,
    ],
    ['a fraction', { gate: array(4), up: array(4), a: array(4) }, { n: 1.5 }, /n = 1.5 is not an unsigned/],
    ['negative', { gate: array(4), up: array(4), a: array(4) }, { n: -1 }, /n = -1/],
  ])('refuses what is %s', (_, arrays, params, message) => {
    expect(() => kernelCall(swigluForward, arrays, params)).toThrow(message);
  });

  it('refuses to write what the same call reads, even in another slice, as WebGPU does', () => {
    const shared = array(256);
    const gate = shared.slice(0, 64);
    const a = shared.slice(128, 64);
    expect(() => kernelCall(swigluForward, { gate, up: gate, a }, { n: 64 })).toThrow(
      /a is written while gate is bound to the same memory/,
    );
  });

  it('slices only at aligned offsets inside the array', () => {
    expect(() => array(256).slice(32, 8)).toThrow(/multiple of 64/);
    expect(() => array(256).slice(192, 65)).toThrow(/outside 0..256/);
    expect(new DeviceArray(array(256).storage, 64, 128).slice(64, 64).offset).toBe(128);
  });
});

describe('the CPU backend', () => {
  it('keeps engines apart and says what was freed or destroyed', async () => {
    const one = new CpuBackend();
    const other = new CpuBackend();
    const mine = one.allocate(4, 'mine');
    expect(() => other.write(mine, [1])).toThrow(/mine belongs to another engine/);
    one.free(mine);
    await expect(one.read(mine)).rejects.toThrow(/mine has been freed/);
    one.destroy();
    expect(() => one.allocate(1, 'late')).toThrow(/destroyed/);
  });
});
