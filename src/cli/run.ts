import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import kleur from 'kleur';
import { MerganserError, UsageError } from '../error.ts';
import { nearest } from '../nearest.ts';
import { type Terminal, tell, wantsColor } from './terminal.ts';

/** Exit codes: what a script that calls merganser can tell apart. */
export const EXIT = { fine: 0, failed: 1, usage: 2, findings: 3, interrupted: 130 } as const;

type MakeCommand = (terminal: Terminal, exit: (code: number) => void) => Command;

/** The commands in the order in which help lists them; each is loaded only when it is called. */
const COMMANDS: Readonly<Record<string, () => Promise<MakeCommand>>> = {
  hunt: async () => (await import('./commands/hunt.ts')).huntCommand,
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
    return report(error, terminal);
  }
}

async function programFor(
  argv: readonly string[],
  terminal: Terminal,
  exit: (code: number) => void,
): Promise<Command> {
  const named = argv.find((each) => !each.startsWith('-'));
  if (named !== undefined && named !== 'help' && !(named in COMMANDS)) throw unknownCommand(named);
  const wanted = named !== undefined && named in COMMANDS ? [named] : Object.keys(COMMANDS);
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
  for (const name of wanted) {
    const command = (await COMMANDS[name]!())(terminal, exit);
    program.addCommand(command.copyInheritedSettings(program));
  }
  return program;
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

function report(error: unknown, terminal: Terminal): number {
  if (terminal.signal.aborted) return EXIT.interrupted;
  if (error instanceof CommanderError) {
    if (error.exitCode === 0 || error.code === 'commander.help')
      return error.exitCode === 0 ? EXIT.fine : EXIT.usage;
    show(
      terminal,
      error.message.replace(/^error: /, '').replace('\n(Did you mean', ' (did you mean'),
      undefined,
    );
    return EXIT.usage;
  }
  const { message, hint } =
    error instanceof MerganserError ? error : { message: (error as Error).message, hint: undefined };
  if (error instanceof Error && error.name === 'KqlError') tell(terminal, message);
  else show(terminal, message, hint);
  if (terminal.env.MERGANSER_DEBUG) tell(terminal, String((error as Error).stack));
  return error instanceof UsageError ? EXIT.usage : EXIT.failed;
}

function show(terminal: Terminal, message: string, hint: string | undefined): void {
  const paint = wantsColor(terminal.stderr, terminal.env) ? kleur.red().bold : (text: string) => text;
  tell(terminal, `${paint('error')}: ${message}`);
  if (hint !== undefined) tell(terminal, `  ${hint}`);
}
