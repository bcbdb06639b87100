import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import kleur from 'kleur';
import { engineError } from '../engine/errors.ts';
import { MerganserError, UsageError } from '../error.ts';
import { nearest } from '../nearest.ts';
import { EXIT } from './exit.ts';
import { refuseRepeats } from './option-values.ts';
import { harmless, type Terminal, tell, wantsColor } from './terminal.ts';

type MakeCommand = (terminal: Terminal, exit: (code: number) => void) => Command;

/** The commands in the order in which help lists them; each is loaded only when it is called. */
const COMMANDS: Readonly<Record<string, () => Promise<MakeCommand>>> = {
  hunt: async () => (await import('./commands/hunt.ts')).huntCommand,
  beacons: async () => (await import('./commands/beacons.ts')).beaconsCommand,
  batch: async () => (await import('./commands/batch.ts')).batchCommand,
  status: async () => (await import('./commands/status.ts')).statusCommand,
  kql: async () => (await import('./commands/kql.ts')).kqlCommand,
  sql: async () => (await import('./commands/sql.ts')).sqlCommand,
  translate: async () => (await import('./commands/translate.ts')).translateCommand,
  lake: async () => (await import('./commands/lake.ts')).lakeCommand,
  detections: async () => (await import('./commands/detections.ts')).detectionsCommand,
  test: async () => (await import('./commands/test.ts')).testCommand,
  tune: async () => (await import('./commands/tune.ts')).tuneCommand,
  sample: async () => (await import('./commands/sample.ts')).sampleCommand,
};

/** Runs a command line (without node and script). Every error ends here, as words for the user and an exit code. */
export async function run(argv: readonly string[], terminal: Terminal): Promise<number> {
  let code: number = EXIT.fine;
  try {
    const program = await programFor(argv, terminal, (given) => {
      code = given;
    });
    await program.parseAsync([...argv], { from: 'user' });
    return code;
  } catch (error) {
    return report(error, argv[0], terminal);
  }
}

async function programFor(
  argv: readonly string[],
  terminal: Terminal,
  exit: (code: number) => void,
): Promise<Command> {
  const named = argv[0]?.startsWith('-') ? undefined : argv[0];
  const meant = named === 'help' ? argv[1] : named;
  if (meant !== undefined && meant !== 'help' && !meant.startsWith('-') && !Object.hasOwn(COMMANDS, meant))
    throw unknownCommand(meant);
  const wanted = named !== undefined && Object.hasOwn(COMMANDS, named) ? [named] : Object.keys(COMMANDS);
  const program = new Command('merganser')
    .description('Microsoft Defender and Sentinel hunts over your own telemetry lake')
    .version(version(), '-V, --version')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.stdout.write(text),
      writeErr: (text) => terminal.stderr.write(text),
      outputError: () => {},
    })
    .showSuggestionAfterError();
  if (named === 'kql' && !argv.some((each) => each === '-h' || each === '--help')) loadParserAhead();
  for (const name of wanted) {
    const command = (await COMMANDS[name]!())(terminal, exit);
    refuseRepeats(command);
    program.addCommand(command.copyInheritedSettings(program));
  }
  return program;
}

/** KQL's parser takes longest to load: it begins while the command is loaded and its lake opened. */
function loadParserAhead(): void {
  import('../kql/parser.ts').then(({ loadParser }) => loadParser()).catch(() => {}); // the query meets the error too
}

function unknownCommand(name: string): UsageError {
  const near = nearest(name, Object.keys(COMMANDS));
  return new UsageError(`unknown command '${name}'`, {
    hint: near === undefined ? `there are ${Object.keys(COMMANDS).join(', ')}` : `did you mean ${near}?`,
  });
}

function version(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

function report(thrown: unknown, command: string | undefined, terminal: Terminal): number {
  if (terminal.signal.aborted) return EXIT.interrupted;
  const error = engineError(thrown, {});
  if (error instanceof CommanderError) return reportCommander(error, command, terminal);
  const { message, hint } =
    error instanceof MerganserError ? error : { message: (error as Error).message, hint: undefined };
  if (error instanceof Error && error.name === 'KqlError') tell(terminal, harmless(message));
  else show(terminal, message, hint);
  if (terminal.env.MERGANSER_DEBUG) debug(error, terminal);
  return error instanceof UsageError ? EXIT.usage : EXIT.failed;
}

function debug(error: unknown, terminal: Terminal): void {
  for (let each: unknown = error; each instanceof Error; each = each.cause)
    tell(terminal, harmless(String(each.stack)));
}

/** Help and version come as errors too; others say what is wrong in commander's words. */
function reportCommander(
  { code, exitCode, message }: CommanderError,
  command: string | undefined,
  terminal: Terminal,
): number {
  if (exitCode === 0) return EXIT.fine;
  if (code === 'commander.help') return EXIT.usage;
  const words = message.replace(/^error: /, '').replace('\n(Did you mean', ' (did you mean');
  show(terminal, words, wayOut(code, words, command));
  return EXIT.usage;
}

function wayOut(code: string, words: string, command = ''): string | undefined {
  if (code === 'commander.excessArguments')
    return 'put an argument with spaces in it, such as a query, in quotes';
  if (code !== 'commander.unknownOption' || words.includes('did you mean')) return undefined;
  if (/\s.*'$/s.test(words.replace('unknown option ', '')))
    return 'an argument that begins with - stands last, behind a -- of its own';
  return Object.hasOwn(COMMANDS, command)
    ? `merganser help ${command} lists its options`
    : 'options stand behind the command: merganser hunt --lake lake/';
}

function show(terminal: Terminal, message: string, hint: string | undefined): void {
  const paint = wantsColor(terminal.stderr, terminal.env) ? kleur.red().bold : (text: string) => text;
  tell(terminal, `${paint('error')}: ${harmless(message)}`);
  if (hint !== undefined) tell(terminal, `  ${harmless(hint)}`);
}
