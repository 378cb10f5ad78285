import { Command, Option } from 'commander';

import { deploy } from './deploy.ts';
import { addLogVerbs } from './log-command.ts';
import { RestServer } from './rest.ts';
import { type StartOptions, start } from './start.ts';
import { status } from './status.ts';
import { type Terminal, terminal } from './terminal.ts';
import { watch } from './watch.ts';

interface CommonOptions {
  readonly url: string;
  readonly json?: boolean;
}

type Verb<Options> = (server: RestServer, out: Terminal, options: Options) => Promise<void>;

/** The verbs that talk to a running server over REST, and `log`, which reads files. `up`, which is the server, is added by `main.ts`. */
export function program(): Command {
  const program = new Command('millrace')
    .description('A workflow engine and integration bus on one log')
    .showHelpAfterError('(see millrace --help)');

  verb(program.command('deploy <files...>'))
    .description('deploy BPMN models, all of them or none')
    .action((files: string[], options: CommonOptions) => run(options, (server, out) => deploy(server, out, files)));

  verb(program.command('start <process>'))
    .description('start an instance of a process')
    .option('--variables <json>', 'a JSON object, or @file')
    .option('--var <name=value>', 'one variable, as JSON or as text; repeatable', collect, [])
    .option('--version <number>', 'the version to start, the newest without it')
    .option('--business-key <key>', 'your own name for the instance')
    .option('--idempotency-key <key>', 'starting again with this key returns the same instance')
    .option('--wait', 'wait for the instance to end and print its result')
    .option('--timeout <duration>', 'how long to wait, such as 30s')
    .action((name: string, options: CommonOptions & StartOptions) =>
      run(options, (server, out) => start(server, out, name, options)),
    );

  verb(program.command('status <uuid>'))
    .description('show where an instance stands')
    .action((uuid: string, options: CommonOptions) => run(options, (server, out) => status(server, out, uuid)));

  verb(program.command('watch [uuid]'))
    .description('follow an instance, or all of them, live')
    .option('--definition <name>', 'only instances of this process')
    .option('--type <types>', 'only these events, such as job.*,incident.raised')
    .option('--business-key <key>', 'only instances of this business key')
    .addOption(new Option('--from <where>', 'where to begin').choices(['start', 'now']))
    .action((uuid: string | undefined, options: CommonOptions & WatchFlags) =>
      run(options, (server, out) => watch(server, out, uuid, { ...options, signal: interrupted() })),
    );

  addLogVerbs(program);
  return program;
}

interface WatchFlags {
  readonly definition?: string;
  readonly type?: string;
  readonly businessKey?: string;
  readonly from?: string;
}

function verb(command: Command): Command {
  return command
    .addOption(new Option('--url <url>', 'the server').env('MILLRACE_URL').default('http://127.0.0.1:8080'))
    .option('--json', 'print JSON, one value a line, for programs');
}

function collect(value: string, before: readonly string[]): string[] {
  return [...before, value];
}

function run(options: CommonOptions, action: Verb<CommonOptions>): Promise<void> {
  return action(new RestServer(options.url), terminal(process.stdout, options.json === true), options);
}

/** Ctrl-C ends a watch as it should end: quietly, with what was printed kept. */
function interrupted(): AbortSignal {
  const controller = new AbortController();
  process.once('SIGINT', () => controller.abort());
  process.once('SIGTERM', () => controller.abort());
  return controller.signal;
}
