import { badInput, TributaryError } from '../errors.js';
import type { Family, FamilyGroup } from '../model/family.js';
import { familyGroups } from '../model/family.js';
import type { Stage } from '../model/phase.js';
import { checkMlpConfig } from '../nn/mlp.js';
import {
  checkSettings,
  type Description,
  entriesOf,
  type Settings,
  type SettingsOf,
  usualOf,
} from '../settings.js';
import { shown } from '../suggest.js';
import { enterFamily } from './registry.js';

type Optional = 'group' | 'formula' | 'source' | 'settings' | 'usual' | 'check' | 'likelihood';

/** A family as somebody writes it down: what is left out is as it usually is. */
export interface OwnFamily<D extends Description = Description>
  extends Omit<Family<SettingsOf<D>>, Optional>,
    Partial<Omit<Pick<Family<SettingsOf<D>>, Optional>, 'settings'>> {
  readonly settings?: D;
}

const KEYS = [
  ...['name', 'group', 'summary', 'formula', 'source', 'settings', 'usual', 'check', 'model', 'stages'],
  ...['generator', 'likelihood', 'withoutLikelihood', 'pictures', 'monitor'],
];

/** In whose file something went wrong: the first place that is not the engine's own. */
function lineOf(error: unknown): string {
  const lines = error instanceof Error ? (error.stack ?? '').split('\n').slice(1) : [];
  const own = lines.find((line) => !/node:|node_modules|tributary-engine|\/dist\//.test(line));
  const place = /([^/\\(]+:\d+):\d+\)?$/.exec(own ?? '')?.[1];
  return place === undefined ? '' : ` (${place})`;
}

/** What a function of somebody else's throws, as an error of this project that says where it came from. */
function explained(what: string, error: unknown): never {
  if (error instanceof TributaryError) throw error;
  const message = error instanceof Error ? error.message : shown(error);
  throw new TributaryError('bad-input', `${what}: ${message}${lineOf(error)}`, { cause: error });
}

/** The same function; whatever it throws says where it came from. */
function guarded<A extends unknown[], R>(what: string, work: (...args: A) => R): (...args: A) => R {
  return (...args) => {
    let result: R;
    try {
      result = work(...args);
    } catch (error) {
      explained(what, error);
    }
    return result instanceof Promise
      ? (result.catch((error: unknown) => explained(what, error)) as R)
      : result;
  };
}

function textOf(what: string, value: unknown): string {
  if (typeof value === 'string' && value.trim() !== '') return value;
  badInput(`${what} is ${shown(value)}; it must be a line of text`);
}

function functionOf<F>(what: string, value: F): F {
  if (typeof value === 'function') return value;
  badInput(`${what} is ${shown(value)}; it must be a function`);
}

function guardedStages<S extends object>(what: string, stages: unknown): readonly Stage<S>[] {
  if (!Array.isArray(stages) || stages.length === 0)
    badInput(`${what} gave ${shown(stages)}; it must give a list of stages, { name, phases } each`);
  return (stages as Stage<S>[]).map((stage, i) => {
    const own = `${what}, stage ${stage?.name ?? i + 1}`;
    textOf(`the name of ${own}`, stage?.name);
    if (!Array.isArray(stage.phases) || (stage.phases.length === 0 && stage.fit === undefined))
      badInput(`${own} has phases ${shown(stage.phases)}; it must have a list of them, or a fit`);
    const { fit, prepare } = stage;
    return {
      ...stage,
      phases: stage.phases.map((phase) => ({
        ...phase,
        record: guarded(`${own}, record of ${phase.name}`, functionOf(`record of ${own}`, phase.record)),
      })),
      ...(fit ? { fit: guarded(`${own}, fit`, fit.bind(stage)) } : {}),
      ...(prepare ? { prepare: guarded(`${own}, prepare`, prepare.bind(stage)) } : {}),
    };
  });
}

/**
 * A family of one's own. From now on its name may be given wherever one is asked for: it is trained, sampled, judged and
 * reported as every other, with the same checks and floors. A name that is defined again is replaced.
 *
 *     export default defineFamily({ name: 'mine', summary: '…', model, stages, generator });
 *
 * @param family its name, in small letters, and what it is made of; `group`, `formula`, `source`, `settings` (none),
 *   `usual` (from the settings), `check` and `likelihood` (none) may be left out
 * @returns the complete family, whose functions say where an error came from
 * @throws TributaryError('bad-input') for a name that is taken by a built-in family, an unknown key, a missing part, or
 *   settings whose defaults are not right
 */
export function defineFamily<const D extends Description = Record<never, never>>(
  family: OwnFamily<D>,
): Family<SettingsOf<D>> {
  type S = SettingsOf<D>;
  entriesOf('a family', family, KEYS);
  const { name, summary, settings = {} as D, group = 'own' as FamilyGroup } = family;
  if (typeof name !== 'string' || !/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name))
    badInput(
      `the name of a family is ${shown(name)}; it must be small letters, digits and dashes, as 'my-family'`,
    );
  const of = `the family ${name}`;
  if (!familyGroups.includes(group))
    badInput(`the group of ${of} is ${shown(group)}; it must be one of ${familyGroups.join(', ')}`);
  const usual = family.usual
    ? guarded(`${of}, usual`, family.usual)
    : () => usualOf(settings) as unknown as S;
  const unit = { sigma: 1, spread: 1, distance: 0 };
  checkSettings(`settings of ${of}`, settings, usual(unit));
  const model = guarded(`${of}, model`, functionOf(`model of ${of}`, family.model));
  const stages = guarded(`${of}, stages`, functionOf(`stages of ${of}`, family.stages));
  const generator = functionOf(`generator of ${of}`, family.generator);
  const { likelihood = {}, withoutLikelihood, monitor, check = () => {} } = family;
  const whole: Family<S> = {
    ...{ name, group, summary: textOf(`summary of ${of}`, summary) },
    formula: family.formula ?? 'of its own',
    source: family.source ?? 'none given',
    settings: settings as unknown as Settings<S>,
    usual,
    check: guarded(`${of}, check`, check),
    model: (run) => {
      const shape = model(run);
      const networks: unknown = shape?.networks;
      if (typeof networks !== 'object' || networks === null)
        badInput(
          `${of}, model gave networks ${shown(networks)}; it must give one a role, as networkOf makes them`,
        );
      for (const network of Object.values(shape.networks)) checkMlpConfig(network);
      return shape;
    },
    stages: (run) => guardedStages<S>(`${of}, stages`, stages(run)),
    generator: guarded(`${of}, generator`, async (trained, options) => generator(trained, options)),
    likelihood: Object.fromEntries(
      Object.entries(likelihood).map(([method, own]) => [
        method,
        { ...own, of: guarded(`${of}, likelihood ${method}`, own.of) },
      ]),
    ),
    ...(withoutLikelihood
      ? { withoutLikelihood: guarded(`${of}, withoutLikelihood`, withoutLikelihood) }
      : {}),
    ...(family.pictures ? { pictures: guarded(`${of}, pictures`, family.pictures) } : {}),
    ...(monitor ? { monitor: guarded(`${of}, monitor`, monitor) } : {}),
  };
  enterFamily(whole as unknown as Family);
  return whole;
}
