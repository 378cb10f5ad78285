import { type ProblemDocument, problemDocument } from '@millrace/contract';

import { CliFailure } from './failure.ts';

export interface RestCall {
  readonly method?: 'GET' | 'POST';
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | FormData;
  readonly signal?: AbortSignal;
}

/** A Millrace server as the terminal talks to it. Every failure is a sentence: the problem's own, or where we tried. */
export class RestServer {
  readonly #base: string;

  constructor(base: string) {
    if (!URL.canParse(base))
      throw new CliFailure(`expected the URL of a server, such as http://127.0.0.1:8080, found ${base}`, {
        exitCode: 2,
      });
    this.#base = base.endsWith('/') ? base.slice(0, -1) : base;
  }

  async json<Answer>(path: string, call: RestCall = {}): Promise<Answer> {
    const response = await this.open(path, call);
    return (await response.json()) as Answer;
  }

  /** The response itself, for streams; its status is a success. */
  async open(path: string, call: RestCall = {}): Promise<Response> {
    const url = new URL(this.#base + path);
    for (const [name, value] of Object.entries(call.query ?? {})) {
      if (value !== undefined) url.searchParams.set(name, value);
    }
    let response: Response;
    try {
      response = await fetch(url, {
        method: call.method ?? 'GET',
        headers: { ...call.headers },
        body: call.body ?? null,
        signal: call.signal ?? null,
      });
    } catch (error) {
      if (call.signal?.aborted === true) throw error;
      throw new Unreachable(this.#base, error);
    }
    if (response.ok) return response;
    throw await failureOf(response);
  }
}

/** No answer came: the server is not there, or the connection broke. */
export class Unreachable extends CliFailure {
  constructor(base: string, error: unknown) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    const code = (cause as { code?: unknown }).code;
    const why = typeof code === 'string' ? code : cause instanceof Error ? cause.message : String(cause);
    super(`expected a Millrace server at ${base}, found none (${why}). Start one with: millrace up`);
  }
}

async function failureOf(response: Response): Promise<CliFailure> {
  const text = await response.text();
  const problem = problemOf(text);
  if (problem === undefined) {
    return new CliFailure(
      `expected an answer of Millrace from ${response.url}, found HTTP ${response.status}: ${text.slice(0, 200)}`,
    );
  }
  const issues = (problem.issues ?? []).map((issue) => {
    const where = [issue.file, issue.elementId, issue.path].filter((part) => part !== undefined).join(' ');
    return `\n  - ${where === '' ? '' : `${where}: `}${issue.message}`;
  });
  return new CliFailure(`${problem.code}: ${problem.detail}${issues.join('')}`, { details: problem });
}

function problemOf(text: string): ProblemDocument | undefined {
  try {
    return problemDocument.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}
