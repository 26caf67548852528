import { Command, CommanderError } from 'commander';
import manifest from '../../package.json' with { type: 'json' };
import { TributaryError } from '../errors.js';
import { addDemoCommand } from './commands/demo.js';
import { addEvaluateCommand } from './commands/evaluate.js';
import { addFamiliesCommand } from './commands/families.js';
import { addLikelihoodCommand } from './commands/likelihood.js';
import { addSampleCommand } from './commands/sample.js';
import { addStartCommand } from './commands/start.js';
import { addStudyCommand } from './commands/study.js';
import { addTrainCommand } from './commands/train.js';
import { addVerifyCommand } from './commands/verify.js';
import { isMachineFault } from './files.js';
import { loadOwnFamilies } from './own_family.js';

/** Exit codes: 0 ok, 1 failed, 2 wrong usage or unusable input, 130 interrupted. */
const EXIT_CODES: Readonly<Partial<Record<TributaryError['code'], number>>> = {
  'bad-input': 2,
  'bad-checkpoint': 2,
  io: 2,
  interrupted: 130,
};

/** A file that cannot be had is unusable input; a disk that is full, or fails, is a failure. */
const exitCode = (error: TributaryError): number =>
  error.code === 'io' && isMachineFault(error) ? 1 : (EXIT_CODES[error.code] ?? 1);

/** All commands with their options. */
export function program(): Command {
  const root = new Command('tributary')
    .description('train and sample generative models as stochastic interpolants')
    .version(manifest.version)
    .showSuggestionAfterError(true)
    .exitOverride()
    .configureOutput({
      // One line: commander would put the suggestion on a second.
      outputError: (text, write) =>
        write(
          `tributary: ${text
            .replace(/^error: /, '')
            .trim()
            .replace(/\n/g, ' ')}\n`,
        ),
    });
  addStartCommand(root);
  addTrainCommand(root);
  addSampleCommand(root);
  addEvaluateCommand(root);
  addLikelihoodCommand(root);
  addStudyCommand(root);
  addVerifyCommand(root);
  addDemoCommand(root);
  addFamiliesCommand(root);
  root.hook('preAction', (_, command) => loadOwnFamilies(command));
  for (const command of root.commands) {
    command.exitOverride();
    command.allowExcessArguments(false);
  }
  return root;
}

/**
 * The command line.
 * @param words what follows the program's name
 * @returns the exit code
 */
export async function main(words: readonly string[]): Promise<number> {
  const root = program();
  if (words.length === 0) {
    process.stderr.write(root.helpInformation());
    return 2;
  }
  try {
    await root.parseAsync(words, { from: 'user' });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (error instanceof TributaryError) {
      process.stderr.write(`tributary: ${error.message}\n`);
      return exitCode(error);
    }
    // What no check foresaw: an array larger than this machine can hold.
    if (
      error instanceof RangeError &&
      /allocation failed|Invalid (typed )?array (buffer )?length/i.test(error.message)
    ) {
      process.stderr.write('tributary: out of memory: these sizes are more than this machine can hold\n');
      return 1;
    }
    throw error;
  }
}
