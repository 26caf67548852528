import Ajv2020 from 'ajv/dist/2020.js';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { TributaryError } from '../src/errors.js';
import { familyByName, familyNames } from '../src/families/registry.js';
import { INTERPOLANT_SETTINGS, type InterpolantConfig } from '../src/interpolant/config.js';
import { PATH_SETTINGS, pathByName } from '../src/interpolant/paths.js';
import type { RunConfig } from '../src/model/run_config.js';
import { checkMlpConfig, MLP_DESCRIPTION, NETWORK_SETTINGS } from '../src/nn/mlp.js';
import { checkOptimizerConfig, OPTIMIZER_SETTINGS } from '../src/nn/schedule.js';
import { CounterRandom, STREAM } from '../src/random/random.js';
import { checkRunConfig } from '../src/run/config.js';
import { runConfig } from '../src/run/defaults.js';
import {
  BASE_DESCRIPTION,
  DATA_DESCRIPTION,
  RUN_SETTINGS,
  TRANSFORM_DESCRIPTION,
} from '../src/run/run_settings.js';
import {
  checkGiven,
  checkSetting,
  checkSettings,
  choicesOf,
  completeSettings,
  type Description,
  type NumberSetting,
  type Setting,
  type Settings,
  type SettingsOf,
  settingFromText,
  usualOf,
} from '../src/settings.js';
import { helpLine, helpOf, jsonSchemaOf, settingsTable } from '../src/settings_help.js';

/** One of every kind, and ends of every kind. */
const EXAMPLE = {
  latent: { kind: 'number', usual: 2, whole: true, least: 1, most: 64, help: 'latent coordinates' },
  rate: { kind: 'number', usual: 0.5, above: 0, below: 1, help: 'a rate' },
  tail: { kind: 'number', usual: -3, most: 0, help: 'a tail' },
  any: { kind: 'number', usual: 0, help: 'any number' },
  clip: { kind: 'number', usual: 0, least: 0, zero: 'off', unit: 'nats', help: 'where it is cut' },
  loss: { kind: 'choice', usual: 'plain', names: () => ['plain', 'huber'] as const, help: 'what is least' },
  quick: { kind: 'flag', usual: false, help: 'whether it hurries' },
  note: { kind: 'text', usual: '', optional: true, help: 'what it is called' },
  widths: {
    ...{ kind: 'list', usual: [8], fewest: 1, most: 3, item: 'width' },
    each: { kind: 'number', whole: true, least: 1, most: 512, help: 'a width' },
    help: 'widths of layers',
  },
} as const satisfies Description;

/** All that the engine knows. */
const KNOWN: Readonly<Record<string, Description>> = {
  example: EXAMPLE,
  path: PATH_SETTINGS,
  interpolant: INTERPOLANT_SETTINGS,
  network: MLP_DESCRIPTION,
  optimizer: OPTIMIZER_SETTINGS,
  run: RUN_SETTINGS,
  ...Object.fromEntries(
    familyNames.map((name) => [`settings of ${name}`, familyByName(name).settings as Description]),
  ),
  data: DATA_DESCRIPTION,
  base: BASE_DESCRIPTION,
  transform: TRANSFORM_DESCRIPTION,
};

const ALL: [string, Setting][] = Object.entries(KNOWN).flatMap(([group, settings]) =>
  Object.entries(settings).flatMap(([name, setting]): [string, Setting][] => [
    [`${group}.${name}`, setting],
    ...(setting.kind === 'list' ? [[`each of ${group}.${name}`, setting.each] as [string, Setting]] : []),
  ]),
);
const NUMBERS = ALL.filter((entry): entry is [string, NumberSetting] => entry[1].kind === 'number');

/** A value that is right. */
function right(setting: Setting): unknown {
  if (setting.usual !== undefined) return setting.usual;
  switch (setting.kind) {
    case 'number':
      return setting.least ?? (setting.above ?? 0) + 1;
    case 'choice':
      return choicesOf(setting)[0];
    case 'flag':
      return true;
    case 'text':
      return 'a text';
    case 'list':
      return Array.from({ length: setting.fewest }, () => right(setting.each));
  }
}

const rightOf = (settings: Description) =>
  Object.fromEntries(Object.entries(settings).map(([name, setting]) => [name, right(setting)]));

/** The next float64 in a direction. */
function beside(value: number, up: boolean): number {
  if (value === 0) return up ? Number.MIN_VALUE : -Number.MIN_VALUE;
  const bits = new BigInt64Array(new Float64Array([value]).buffer);
  bits[0] += up === value > 0 ? 1n : -1n;
  return new Float64Array(bits.buffer)[0];
}

const throwing = (key: string) =>
  Object.defineProperty({}, key, {
    enumerable: true,
    get() {
      throw new RangeError('mine');
    },
  });

function revoked(target: object): object {
  const { proxy, revoke } = Proxy.revocable(target, {});
  revoke();
  return proxy;
}

const circular: unknown[] = [];
circular.push(circular);

/** What is no value of any setting. */
const HOSTILE: [string, unknown][] = [
  ['NaN', Number.NaN],
  ['∞', Number.POSITIVE_INFINITY],
  ['−∞', Number.NEGATIVE_INFINITY],
  ['null', null],
  ['undefined', undefined],
  ['a bigint', 1n],
  ['a symbol', Symbol('1')],
  ['a function', () => 1],
  ['a number in a box', Object(1)],
  ['a text in a box', Object('linear')],
  ['an object', {}],
  ['an object without a prototype', Object.create(null)],
  [
    'an object that throws when it is read as a word',
    {
      toString() {
        throw new RangeError('mine');
      },
      toJSON() {
        throw new RangeError('mine');
      },
    },
  ],
  ['a getter that throws', throwing('length')],
  ['a revoked object', revoked({})],
  ['a revoked list', revoked([])],
  ['a list in a list', [[]]],
  ['a list of itself', circular],
  ['a list of null', [null]],
  ['a list of symbols', [Symbol('1')]],
  ['an endless list', new Array(2 ** 32 - 1)],
  ['a map', new Map()],
  ['a date', new Date(0)],
];

/** Holds that something is refused as bad input in one line, and returns the line. */
function refusal(attempt: () => unknown): string {
  try {
    attempt();
  } catch (error) {
    expect(error).toBeInstanceOf(TributaryError);
    expect((error as TributaryError).code).toBe('bad-input');
    const { message } = error as TributaryError;
    expect(message).not.toMatch(/\n|undefined/);
    return message;
  }
  throw new Error('was not refused');
}

describe('every setting that is known', () => {
  it.each(ALL)('%s: its default passes its own check', (name, setting) => {
    const value = right(setting);
    expect(checkSetting(name, setting, value)).toEqual(value);
    expect(setting.help).toMatch(/^\S.{2,}[^.\s]$/u);
  });

  it.each(NUMBERS)('%s: the ends of its range belong to it or do not, to the last bit', (name, setting) => {
    const { whole, least, above, most, below } = setting;
    expect(least === undefined || above === undefined).toBe(true);
    expect(most === undefined || below === undefined).toBe(true);
    const step = (value: number, up: boolean) => (whole ? value + (up ? 1 : -1) : beside(value, up));
    const inside = [
      least,
      most,
      above !== undefined && step(above, true),
      below !== undefined && step(below, false),
    ];
    const outside = [
      above,
      below,
      least !== undefined && step(least, false),
      most !== undefined && step(most, true),
    ];
    for (const value of inside)
      if (typeof value === 'number') expect(checkSetting(name, setting, value)).toBe(value);
    for (const value of outside)
      if (typeof value === 'number') {
        const message = refusal(() => checkSetting(name, setting, value));
        expect(message.startsWith(`${name} is ${value}; it must be `)).toBe(true);
        // What would be right names the end that was passed.
        const end = outside.indexOf(value) < 2 ? value : value === outside[2] ? least : most;
        expect(message.slice(message.indexOf(';'))).toContain(String(end));
      }
    if (whole) refusal(() => checkSetting(name, setting, (right(setting) as number) + 0.5));
  });

  it.each(ALL)('%s: refuses what is no value, always as bad input', (name, setting) => {
    const fits = (value: unknown) =>
      typeof value === 'string' && (setting.kind === 'text' || setting.kind === 'choice');
    for (const [what, value] of HOSTILE) {
      const message = refusal(() => checkSetting(name, setting, value));
      expect(message.length, what).toBeLessThan(600);
    }
    for (const value of ['1', '0', 'true', '', 'no such name', 'x'.repeat(1e6), '\n', '__proto__'])
      if (!fits(value)) refusal(() => checkSetting(name, setting, value));
      else if (setting.kind === 'choice')
        expect(refusal(() => checkSetting(name, setting, value))).toMatch(/^unknown .*valid names are /);
  });

  it.each(ALL)('%s: says the same of a text as of the value', (name, setting) => {
    const value = right(setting);
    const items = Array.isArray(value) ? value : [value];
    expect(settingFromText(name, setting, items.join(','))).toEqual(value);
    if (setting.kind === 'number') {
      const { least = -1e9, above = least, most = 1e9, below = most } = setting;
      for (const outside of [above - 1, below + 1]) {
        if (setting.least === undefined && setting.above === undefined && outside < 0) continue;
        if (setting.most === undefined && setting.below === undefined && outside > 0) continue;
        const byText = refusal(() => settingFromText(name, setting, String(outside)));
        expect(byText).toBe(refusal(() => checkSetting(name, setting, outside)));
      }
      for (const text of ['', ' ', 'many', '1 2', 'NaN', 'Infinity', '1e999', '１'])
        expect(refusal(() => settingFromText(name, setting, text))).toMatch(/it must be a (whole )?number/);
    }
    if (setting.kind === 'flag') {
      expect(['true', '1', 'false', '0'].map((text) => settingFromText(name, setting, text))).toEqual([
        ...[true, true, false, false],
      ]);
      refusal(() => settingFromText(name, setting, 'yes'));
    }
    if (setting.kind === 'choice')
      for (const known of choicesOf(setting)) {
        expect(settingFromText(name, setting, known)).toBe(known);
        // One letter is missing: the nearest name is the one that was meant, or another as near.
        if (known.length < 4 || choicesOf(setting).includes(known.slice(1))) continue;
        const message = refusal(() => settingFromText(name, setting, known.slice(1)));
        expect(message).toMatch(/: did you mean '/);
        expect(message).toBe(refusal(() => checkSetting(name, setting, known.slice(1))));
      }
  });
});

describe.each(Object.entries(KNOWN))('%s', (group, settings) => {
  it('is complete as it is by default, and an unknown or missing key is named', () => {
    const all = rightOf(settings);
    expect(checkSettings(group, settings, all)).toEqual(all);
    expect(checkGiven(group, settings, {})).toEqual({});
    for (const [name, setting] of Object.entries(settings)) {
      const { [name]: _, ...others } = all;
      if (setting.optional) expect(checkSettings(group, settings, others)).toEqual(others);
      else expect(refusal(() => checkSettings(group, settings, others))).toContain(`${group} ${name} is `);
      const mistyped = `${name}z`;
      const message = refusal(() => checkGiven(group, settings, { [mistyped]: all[name] }));
      expect(message).toBe(`unknown key "${group}.${mistyped}": did you mean "${name}"?`);
    }
    expect(refusal(() => checkGiven(group, settings, { '!': 1 }))).toContain('valid keys are');
  });

  it('refuses what is no plain object, and keys that lead to prototypes', () => {
    for (const [what, value] of HOSTILE) {
      if (typeof value === 'object' && value !== null && Object.keys(checkable(value)).length === 0) continue;
      expect(
        refusal(() => checkSettings(group, settings, value)),
        what,
      ).toMatch(/must be an object|unknown key/);
    }
    for (const text of ['{"__proto__":{"path":"linear"}}', '{"constructor":{}}', '{"prototype":{}}'])
      expect(refusal(() => checkGiven(group, settings, JSON.parse(text)))).toMatch(/unknown key/);
    expect(refusal(() => checkGiven(group, settings, { [Symbol('a')]: 1 }))).toMatch(/unknown key/);
    // A family may have nothing to be set.
    if (Object.keys(settings).length === 0) return;
    // What an object inherits is not what was given.
    const first = Object.entries(settings).find(([, { optional }]) => !optional) as [string, Setting];
    expect(refusal(() => checkSettings(group, settings, Object.create(rightOf(settings))))).toMatch(
      new RegExp(`${first[0]} is missing`),
    );
    const [name] = Object.keys(settings);
    expect(refusal(() => checkGiven(group, settings, throwing(name)))).toMatch(/must be an object/);
  });

  it('has a JSON Schema that says of random values what the check says', () => {
    const ajv = new Ajv2020({ strict: true, strictTypes: false, allErrors: false });
    const checks = [
      [ajv.compile(jsonSchemaOf(settings)), (value: unknown) => completeSettings(group, settings, value)],
      [
        ajv.compile(jsonSchemaOf(settings, { complete: true })),
        (value: unknown) => checkSettings(group, settings, value),
      ],
    ] as const;
    const random = new CounterRandom(7, STREAM.data);
    let at = 0;
    const pick = <T>(list: readonly T[]): T => list[Math.floor(random.uniform(at++) * list.length)];
    const seen = { yes: 0, no: 0 };
    for (let k = 0; k < 400; k++) {
      const value: Record<string, unknown> = {};
      for (const [name, setting] of Object.entries(settings)) {
        const fate = random.uniform(at++);
        if (fate < 0.02) continue;
        value[name] = fate < 0.9 ? right(setting) : pick(candidates(setting));
      }
      if (random.uniform(at++) < 0.05) value.extra = 1;
      for (const [validate, check] of checks) {
        let ours = true;
        try {
          check(value);
        } catch (error) {
          expect((error as TributaryError).code).toBe('bad-input');
          ours = false;
        }
        expect(validate(value), JSON.stringify(value)).toBe(ours);
        seen[ours ? 'yes' : 'no']++;
      }
    }
    expect(Math.min(seen.yes, seen.no)).toBeGreaterThan(20);
  });

  it('tells its readers every setting with its default', () => {
    const help = helpOf(settings, `${group}.`).split('\n');
    const table = settingsTable(settings).split('\n');
    expect(table.length).toBe(Object.keys(settings).length + 2);
    Object.entries(settings).forEach(([name, setting], i) => {
      expect(help[i]).toContain(`${group}.${name} `);
      expect(help[i]).toContain(helpLine(setting));
      expect(table[i + 2]).toContain(`| \`${name}\` |`);
      if (setting.usual !== undefined) expect(help[i]).toContain(`(default ${setting.usual}`);
    });
  });
});

/** What a check may look at: an object that cannot be read at all has no keys to name. */
function checkable(value: object): object {
  try {
    return Object.prototype.toString.call(value) === '[object Object]' && Reflect.ownKeys(value)
      ? Object.getOwnPropertyNames(value).length === 0
        ? {}
        : { key: 1 }
      : { key: 1 };
  } catch {
    return { key: 1 };
  }
}

/** Values of JSON that are right, nearly right or wrong. */
function candidates(setting: Setting): unknown[] {
  const wrong = [null, true, 0, -1, 0.5, 1, 1e9, 'x', '', [], {}, [1], ['x']];
  if (setting.kind === 'number') {
    const { least, above, most, below } = setting;
    const ends = [least, above, most, below].filter((end) => end !== undefined);
    return [...wrong, ...ends.flatMap((end) => [end, end + 1, end - 1, end + 0.25])];
  }
  if (setting.kind === 'choice') return [...wrong, ...choicesOf(setting)];
  if (setting.kind === 'list') {
    const item = right(setting.each);
    return [
      ...wrong,
      [item],
      [item, item],
      [item, item, item, item],
      ...candidates(setting.each).map((one) => [one]),
    ];
  }
  return wrong;
}

describe('a description', () => {
  it('is the type of its settings, and can be held to a type', () => {
    type Example = SettingsOf<typeof EXAMPLE>;
    expectTypeOf<Example['latent']>().toEqualTypeOf<number>();
    expectTypeOf<Example['loss']>().toEqualTypeOf<'plain' | 'huber'>();
    expectTypeOf<Example['quick']>().toEqualTypeOf<boolean>();
    expectTypeOf<Example['widths']>().toEqualTypeOf<readonly number[]>();
    expectTypeOf<Example['note']>().toEqualTypeOf<string | undefined>();
    expectTypeOf<InterpolantConfig['coupling']>().toEqualTypeOf<
      'independent' | 'ot' | 'sinkhorn' | 'paired'
    >();
    const own = {
      depth: { kind: 'number', usual: 2, help: 'layers' },
    } satisfies Settings<{ readonly depth: number }>;
    expectTypeOf(usualOf(own).depth).toEqualTypeOf<number>();
    // @ts-expect-error a flag is no number
    ({ depth: { kind: 'flag', usual: true, help: 'layers' } }) satisfies Settings<{ depth: number }>;
  });

  it('says what would be right', () => {
    const message = (name: keyof typeof EXAMPLE, value: unknown) =>
      refusal(() => checkSetting(name, EXAMPLE[name], value));
    expect(message('latent', 0)).toBe('latent is 0; it must be a whole number from 1 to 64');
    expect(message('latent', '2')).toBe('latent is "2"; it must be a whole number from 1 to 64');
    expect(message('rate', 1)).toBe('rate is 1; it must be above 0 and below 1');
    expect(message('rate', Number.NaN)).toBe('rate is NaN; it must be a number above 0 and below 1');
    expect(message('tail', 1)).toBe('tail is 1; it must be up to 0');
    expect(message('any', null)).toBe('any is null; it must be a number');
    expect(message('clip', -1)).toBe('clip is -1; it must be 0 (off) or more');
    expect(message('clip', 'x')).toBe('clip is "x"; it must be a number, 0 (off) or more');
    expect(message('loss', 'hubr')).toBe(
      "unknown loss 'hubr': did you mean 'huber'? valid names are plain, huber",
    );
    expect(message('loss', 3)).toBe('loss is 3; it must be one of plain, huber');
    expect(message('quick', 'yes')).toBe('quick is "yes"; it must be true or false');
    expect(message('widths', [])).toMatch(
      /^widths is \[\]; give 1 to 3 of widths, each a whole number from 1/,
    );
    expect(message('widths', [8, 0])).toBe('widths 2 is 0; it must be a whole number from 1 to 512');
  });

  it('says an end that only guards against overflow to nobody but who goes beyond', () => {
    const { steps } = RUN_SETTINGS;
    const message = (value: number) => refusal(() => settingFromText('--steps', steps, String(value)));
    expect(message(0)).toBe('--steps is 0; it must be a whole number, 1 or more');
    expect(message(1e10)).toBe('--steps is 10000000000; it must be a whole number from 1 to 2147483648');
  });
});

describe('a config from code', () => {
  const config = runConfig({
    data: { name: 'moons', rows: 10, dim: 2, ambient: 0, classes: 0, digest: '' },
    transform: { offset: [0, 0], scale: 1 },
    network: { hidden: 8, inner: 8 },
  });
  const change = (changes: object) => () => checkRunConfig({ ...config, ...changes } as RunConfig);

  it('is refused with one typed error, wherever it is wrong', () => {
    checkRunConfig(config);
    expect(refusal(change({ stepz: 3 }))).toBe('unknown key "stepz": did you mean "steps"?');
    for (const key of ['data', 'transform', 'network', 'settings', 'optimizer'] as const) {
      const [first] = Object.keys(config[key]);
      expect(refusal(change({ [key]: { ...config[key], [`${first}z`]: 1 } }))).toContain(
        `unknown key "${key}.${first}z": did you mean "${first}"`,
      );
      for (const [, value] of HOSTILE) refusal(change({ [key]: value }));
    }
    for (const key of ['steps', 'batch', 'seed', 'labelDropout', 'family', 'format'])
      for (const [, value] of HOSTILE) refusal(change({ [key]: value }));
    for (const [what, value] of HOSTILE) {
      // No stage of its own is what a config says that says nothing of them.
      if (value !== undefined && !/^an object( without.*)?$/.test(what)) refusal(change({ stages: value }));
      expect(
        refusal(() => checkRunConfig(value as RunConfig)),
        what,
      ).toMatch(/\S/);
    }
    refusal(change({ data: { ...config.data, base: { name: 'x', rows: 0 } } }));
    refusal(change({ data: { ...config.data, labelCounts: 'many' } }));
    refusal(change({ transform: { offset: [0, Number.NaN], scale: 1 } }));
  });

  it('is not made from unknown keys', () => {
    const { data, transform } = config;
    const make = (options: object) => () => runConfig({ data, transform, ...options });
    expect(refusal(make({ famly: 'ddpm' }))).toBe('unknown key "famly": did you mean "family"?');
    expect(refusal(make({ settings: { gama: 'sqrt' } }))).toContain('did you mean "gamma"');
    expect(refusal(make({ network: { hiden: 3 } }))).toContain('did you mean "hidden"');
    expect(refusal(make({ optimizer: null }))).toContain('"optimizer" must be an object');
    expect(refusal(make({ family: 3 }))).toContain('family is 3');
  });

  it('has its rules between settings kept', () => {
    expect(
      refusal(() =>
        checkMlpConfig({ ...config.network, dim: 2, outputs: 2, classes: 0, activation: 'selu', blocks: 0 }),
      ),
    ).toContain('needs a hidden layer');
    expect(refusal(() => checkOptimizerConfig({ ...config.optimizer, weightDecay: 2e6 }))).toContain(
      'from 0 (off) to below 1000000',
    );
    expect(refusal(() => pathByName('ve', { sigmaMin: '1' as never }))).toContain('sigmaMin is "1"');
    for (const [, value] of HOSTILE) refusal(() => pathByName(value as string));
  });

  it('has the defaults that it had before they were described', () => {
    expect(usualOf(NETWORK_SETTINGS)).toEqual({
      ...{ activation: 'swiglu', hidden: 128, inner: 256, blocks: 2, pointFrequencies: 32 },
      ...{ pointFrequencyScale: 0.5, timeFrequencies: 4, labelWidth: 16 },
      ...{ norm: 'none', bottleneck: 0 },
    });
    expect(usualOf(OPTIMIZER_SETTINGS)).toEqual({
      ...{ learningRate: 4e-3, warmup: 100, decay: 'cosine', beta1: 0.9, beta2: 0.999, eps: 1e-8 },
      ...{ weightDecay: 0, clip: 1, ema: 0.999 },
    });
    expect(JSON.stringify(usualOf(INTERPOLANT_SETTINGS))).toBe(
      '{"path":"linear","gamma":"none","gammaScale":1,"betaMin":0.1,"betaMax":20,"sigmaMin":0.01,"sigmaMax":50,' +
        '"heads":["velocity"],"sigmaData":1,"weighting":"none","timeMin":0,"timeMax":1,' +
        '"timeDistribution":"uniform","timeMean":0,"timeStd":1,"timeCells":16384,"timeSampling":"stratified",' +
        '"antithetic":false,"coupling":"independent","couplingRegularisation":1,"couplingIterations":24,' +
        '"batching":"replacement"}',
    );
    expect(usualOf(RUN_SETTINGS)).toEqual({
      ...{ family: 'flow-matching', steps: 6500, batch: 1000, labelDropout: 0.1, seed: 0 },
    });
  });
});
