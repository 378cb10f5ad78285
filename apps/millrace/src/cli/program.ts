import { Command, Option } from 'commander';

import { check } from './check.ts';
import { deploy } from './deploy.ts';
import { addLogVerbs } from './log-command.ts';
import { RestServer } from './rest.ts';
import { type StartOptions, start } from './start.ts';
import { status } from './status.ts';
import { type Terminal, terminal } from './terminal.ts';
import { act, back } from './tokens.ts';
import { watch } from './watch.ts';
import { complete, incidents, operate, publish, resolve, tasks } from './work.ts';

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
    .description('deploy BPMN, DMN and form files, all of them or none')
    .action((files: string[], options: CommonOptions) => run(options, (server, out) => deploy(server, out, files)));

  program
    .command('check <files...>')
    .description('say what a deployment would complain about, and how to mend it; exit code 1 when it would be refused')
    .option('--url <url>', 'ask this server, which knows what is deployed and which plugins there are')
    .option('--json', 'print JSON, for programs')
    .action((files: string[], options: { readonly url?: string; readonly json?: boolean }) =>
      check(
        options.url === undefined ? undefined : new RestServer(options.url),
        terminal(process.stdout, options.json === true),
        files,
      ),
    );

  withVariables(verb(program.command('start <process>')))
    .description('start an instance of a process')
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

  addWork(program);

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

function addWork(program: Command): void {
  for (const [operation, what] of [
    ['suspend', 'make an instance stand still'],
    ['resume', 'let a suspended instance go on'],
    ['cancel', 'end an instance where it is'],
  ] as const) {
    const command = verb(program.command(`${operation} <uuid>`)).description(what);
    if (operation !== 'resume') command.option('--reason <text>', 'why, for the history');
    command.action((uuid: string, options: CommonOptions & { readonly reason?: string }) =>
      run(options, (server, out) => operate(server, out, operation, uuid, options.reason)),
    );
  }

  verb(program.command('tasks'))
    .description('list the user tasks that are open')
    .option('--assignee <name>', 'only those of this person')
    .option('--group <name>', 'only those for this group')
    .option('--definition <name>', 'only those of this process')
    .action((options: CommonOptions & { assignee?: string; group?: string; definition?: string }) =>
      run(options, (server, out) => tasks(server, out, options)),
    );

  withVariables(verb(program.command('complete <task>')))
    .description('complete a user task')
    .action((id: string, options: CommonOptions & VariableFlags) =>
      run(options, (server, out) => complete(server, out, id, options)),
    );

  withVariables(verb(program.command('act <uuid> <token> <action>')))
    .description('execute a manual action of the node that a token is at')
    .action((uuid: string, token: string, action: string, options: CommonOptions & VariableFlags) =>
      run(options, (server, out) => act(server, out, { uuid, token, action }, options)),
    );

  withVariables(verb(program.command('back <uuid> <token>')))
    .description('move a token back to a node that it has passed')
    .option('--node <id>', 'which one; the last that permits it without it')
    .option('--with-others', 'end the other tokens that have come of that node')
    .action((uuid: string, token: string, options: CommonOptions & VariableFlags & BackFlags) =>
      run(options, (server, out) => back(server, out, { uuid, token }, options)),
    );

  withVariables(verb(program.command('publish <message> <key>')))
    .description('publish a message by name and correlation key, and say whom it reached')
    .option('--time-to-live <duration>', 'how long it waits for somebody, such as 1h; not at all without it')
    .action((name: string, key: string, options: CommonOptions & VariableFlags & { timeToLive?: string }) =>
      run(options, (server, out) => publish(server, out, name, key, options)),
    );

  verb(program.command('incidents'))
    .description('list what is stuck')
    .option('--definition <name>', 'only instances of this process')
    .action((options: CommonOptions & { definition?: string }) =>
      run(options, (server, out) => incidents(server, out, options.definition)),
    );

  verb(program.command('resolve <incident>'))
    .description('try again what failed')
    .option('--retries <number>', 'new retries of a job')
    .action((id: string, options: CommonOptions & { retries?: string }) =>
      run(options, (server, out) => resolve(server, out, id, options.retries)),
    );
}

interface VariableFlags {
  readonly variables?: string;
  readonly var: readonly string[];
}

interface BackFlags {
  readonly node?: string;
  readonly withOthers?: boolean;
}

function withVariables(command: Command): Command {
  return command
    .option('--variables <json>', 'a JSON object, or @file')
    .option('--var <name=value>', 'one variable, as JSON or as text; repeatable', collect, []);
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
