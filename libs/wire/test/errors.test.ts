import { describe, expect, it } from 'vitest';
import { errorOf, errors } from '../src/index.ts';

describe('the table of error codes', () => {
  it('gives each code to one error', () => {
    const codes = Object.values(errors).map((error) => error.code);
    expect(new Set(codes).size).toBe(codes.length);
  });

  it('finds an error by its code', () => {
    expect(errorOf(errors.NOT_LEADER_OR_FOLLOWER.code)).toBe(errors.NOT_LEADER_OR_FOLLOWER);
  });

  it('has an answer for codes that newer brokers may send, and does not try those again', () => {
    expect(errorOf(9999)).toMatchObject({ code: 9999, name: 'UNRECOGNISED', retriable: false });
  });
});
