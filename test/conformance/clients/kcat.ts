import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Client, ClientKind, Incoming, MemberView, Operations, Outgoing } from './client.ts';

/** Debian's kcat, a process for each call. It administers nothing; its transactions, of one partition, are in kcat.test.ts. */
export const kcat: ClientKind = {
  name: 'kcat',
  codecs: ['none', 'gzip', 'snappy', 'lz4', 'zstd'],
  tellsEmptyFromMissing: false,
  writesWholeRecords: false,
  strategies: ['range', 'roundrobin'],
  hasStaticMembers: true,
  hearsOfFencing: false,
  isIdempotent: true,
  hasTransactions: false,
  filtersAborted: true,
  findsMaxTimestamp: false,
  lacks: ['createTopic', 'deleteRecords'],
  open: (address) => Promise.resolve(new KcatClient(address)),
};

type Own = {
  [O in keyof Operations]?: (args: Parameters<Operations[O]>[0]) => Promise<ReturnType<Operations[O]>>;
};

interface Member {
  readonly child: ChildProcess;
  readonly seen: Incoming[];
  owned: [string, number][];
}

interface Stream {
  readonly child: ChildProcess;
  readonly stop: () => Promise<number>;
  acknowledged: number;
}

const ERRORS_MAX = 20_000;
const PATIENCE_MS = 60_000;

class KcatClient implements Client {
  readonly #address: string;
  readonly #members = new Map<string, Member>();
  readonly #streams = new Map<string, Stream>();

  constructor(address: string) {
    this.#address = address;
  }

  async call<O extends keyof Operations>(
    operation: O,
    args: Parameters<Operations[O]>[0],
  ): Promise<ReturnType<Operations[O]>> {
    const own = this.#operations[operation];
    if (own === undefined) throw new Error(`expected an operation of kcat, found ${operation}`);
    return own(args);
  }

  async end(): Promise<void> {
    const children = [...this.#members.values(), ...this.#streams.values()].map(({ child }) => child);
    await Promise.all(children.map((child) => ended(child, 'SIGKILL')));
  }

  readonly #operations: Own = {
    produce: async ({ topic, records, codec = 'none', acks = -1 }) => {
      const offsets = new Map<number, number[]>();
      for (const partition of new Set(records.map((record) => record.partition))) {
        const ours = records.filter((record) => record.partition === partition);
        const settings = [`compression.codec=${codec}`, `acks=${acks}`, 'linger.ms=20'];
        const args = ['-P', '-t', topic, '-p', `${partition}`, ...settingsOf(settings), '-vvv'];
        const { errors } = await this.#run(args, linesOf(ours));
        const found = [...errors.matchAll(/Message delivered to partition \d+ \(offset (-?\d+)\)/g)];
        if (found.length !== ours.length) throw new Error(`expected ${ours.length} to be delivered, found: ${errors}`);
        offsets.set(
          partition,
          found.map(([, offset]) => Number(offset)),
        );
      }
      if (acks === 0) return [];
      return records.map(({ partition }) => ({ partition, offset: offsets.get(partition)?.shift() ?? -1 }));
    },

    read: async ({ topic, partition, from, count, committed = false }) => {
      const level = committed ? 'read_committed' : 'read_uncommitted';
      const settings = settingsOf([`isolation.level=${level}`, 'topic.auto.offset.reset=earliest']);
      const place = ['-C', '-t', topic, '-p', `${partition}`, '-o', `${from}`, '-c', `${count}`];
      const { output } = await this.#run([...place, ...settings, '-J', '-q'], '');
      return output.trimEnd().split('\n').map(incoming);
    },

    join: ({ member, group, topics, strategy, instanceId }) => {
      const settings = settingsOf([
        'auto.offset.reset=earliest',
        'auto.commit.interval.ms=100',
        'heartbeat.interval.ms=200',
        'session.timeout.ms=10000',
        'reconnect.backoff.max.ms=200',
        `partition.assignment.strategy=${strategy}`,
        ...(instanceId === undefined ? [] : [`group.instance.id=${instanceId}`]),
      ]);
      const child = this.#spawn(['-G', group, ...settings, '-E', '-J', '-u', ...topics]);
      const own: Member = { child, seen: [], owned: [] };
      this.#members.set(member, own);
      createInterface({ input: child.stdout as NodeJS.ReadableStream }).on('line', (line) =>
        own.seen.push(incoming(line)),
      );
      createInterface({ input: child.stderr as NodeJS.ReadableStream }).on('line', (line) => {
        const [, change, where = ''] = /rebalanced .*: (assigned|revoked): (.*)$/.exec(line) ?? [];
        if (change !== undefined) own.owned = change === 'assigned' ? partitionsIn(where) : [];
      });
      return Promise.resolve(null);
    },
    look: ({ member }): Promise<MemberView> => {
      const { seen, owned } = this.#member(member);
      return Promise.resolve({ seen: [...seen], assignment: owned });
    },
    leave: async ({ member }) => {
      await ended(this.#member(member).child, 'SIGTERM');
      this.#members.delete(member);
      return null;
    },

    stream: ({ topic }) => {
      const settings = settingsOf(['enable.idempotence=true', 'linger.ms=1', 'reconnect.backoff.max.ms=200']);
      const child = this.#spawn(['-P', '-t', topic, '-p', '0', ...settings, '-E', '-vvv']);
      let sent = 0;
      const writing = setInterval(() => child.stdin?.write(`${sent++}\n`), 1);
      const stop = async (): Promise<number> => {
        clearInterval(writing);
        const closed = once(child, 'close');
        child.stdin?.end();
        await closed;
        return sent;
      };
      const own: Stream = { child, stop, acknowledged: 0 };
      this.#streams.set(topic, own);
      createInterface({ input: child.stderr as NodeJS.ReadableStream }).on('line', (line) => {
        if (line.includes('Message delivered')) own.acknowledged++;
      });
      return Promise.resolve(null);
    },
    finish: async ({ topic }) => {
      const own = this.#streams.get(topic);
      if (own === undefined) throw new Error(`expected a stream to ${topic}`);
      this.#streams.delete(topic);
      return { sent: await own.stop(), acknowledged: own.acknowledged };
    },

    listOffsets: async ({ topic, partition, at }) => {
      const times = { earliest: -2, latest: -1, max: -3 };
      const time = typeof at === 'number' ? at : times[at];
      const { output } = await this.#run(['-Q', '-t', `${topic}:${partition}:${time}`], '');
      return Number(/offset (-?\d+)/.exec(output)?.[1]);
    },
  };

  #spawn(args: readonly string[]): ChildProcess {
    return spawn('kcat', ['-b', this.#address, ...args], { stdio: ['pipe', 'pipe', 'pipe'] });
  }

  /** To its end, which must be a good one. */
  async #run(args: readonly string[], input: string): Promise<{ output: string; errors: string }> {
    const child = this.#spawn(args);
    let [output, errors] = ['', ''];
    child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr?.on('data', (chunk: Buffer) => (errors += chunk.toString()));
    const tooLong = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS);
    child.stdin?.end(input);
    const [code] = (await once(child, 'close')) as [number | null];
    clearTimeout(tooLong);
    if (code !== 0) throw new Error(`expected kcat ${args.join(' ')} to succeed: ${errors.slice(-ERRORS_MAX)}`);
    return { output, errors };
  }

  #member(name: string): Member {
    const own = this.#members.get(name);
    if (own === undefined) throw new Error(`expected a member ${name}`);
    return own;
  }
}

const settingsOf = (settings: readonly string[]): string[] => settings.flatMap((setting) => ['-X', setting]);

const linesOf = (records: readonly Outgoing[]): string => records.map(({ value }) => `${value ?? ''}\n`).join('');

/** Of `a [0], a [1], b [0]`. */
function partitionsIn(text: string): [string, number][] {
  const found = [...text.matchAll(/(\S+) \[(\d+)\]/g)].map(([, topic = '', partition]): [string, number] => [
    topic,
    Number(partition),
  ]);
  return found.sort(([topicA, a], [topicB, b]) => (topicA === topicB ? a - b : topicA < topicB ? -1 : 1));
}

function incoming(line: string): Incoming {
  const {
    partition,
    offset,
    ts,
    key,
    payload,
    headers = [],
  } = JSON.parse(line) as {
    partition: number;
    offset: number;
    ts: number;
    key: string | null;
    payload: string | null;
    headers?: readonly string[];
  };
  const pairs = Array.from({ length: headers.length / 2 }, (_, index): [string, string] => [
    headers[index * 2] ?? '',
    headers[index * 2 + 1] ?? '',
  ]);
  return { partition, offset, timestamp: ts, key, value: payload, headers: pairs };
}

async function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const closed = once(child, 'close');
  child.kill(signal);
  await closed;
}
