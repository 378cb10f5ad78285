import { describe, expect, it } from 'vitest';
import { Problem, type ProblemCode, problemDocument, problemKinds, toProblemDocument } from '../src/index.ts';

describe('problem documents', () => {
  it.for(Object.keys(problemKinds) as ProblemCode[])('%s fits the schema with all that a problem can say', (code) => {
    const problem = new Problem(code, 'expected one thing, found another', {
      issues: [
        { path: 'body/a', message: 'is missing' },
        { elementId: 'task', rule: 'r', severity: 'error', message: 'm' },
      ],
      processInstanceUuid: '0192f0c1-2b3c-8d4e-8003-0123456789ab',
      state: 'FINISHED',
      limit: 1,
      retryAfterSeconds: 1,
    });
    const document = toProblemDocument(problem);
    expect(problemDocument.strict().parse(document)).toEqual(document);
    expect(document.status).toBe(problemKinds[code].httpStatus);
  });

  it('marks as retriable only what can pass without the caller changing anything', () => {
    const retriable = Object.entries(problemKinds).filter(([, kind]) => kind.retriable);
    expect(retriable.every(([, kind]) => kind.httpStatus === 503 || kind.httpStatus === 504)).toBe(true);
  });
});
