import { describe, expect, it } from 'vitest';
import type { ListenerOptions } from '../../src/index.ts';
import { startBroker } from '../running-broker.ts';

const tls = { certificateFile: 'none', keyFile: 'none' };
const plain = { mechanisms: ['PLAIN'] } as const;
const scram = { mechanisms: ['SCRAM-SHA-512'] } as const;

/** What starting a broker with this listener ends in. */
async function outcomeOf(listener: Partial<ListenerOptions>, allowInsecureListeners = false): Promise<string> {
  const listeners = [{ host: '127.0.0.1', port: 0, ...listener }];
  return startBroker({ listeners, allowInsecureListeners }).then(
    () => 'started',
    (error: unknown) => (error as { code: string }).code,
  );
}

describe('a listener that other machines can reach', () => {
  it.for([
    ['without authentication', {}, 'INSECURE_LISTENER'],
    ['with TLS alone', { tls }, 'INSECURE_LISTENER'],
    ['with certificates that clients may leave out', { tls: { ...tls, clientAuth: 'requested' } }, 'INSECURE_LISTENER'],
    ['with passwords in the clear', { sasl: plain }, 'INSECURE_LISTENER'],
    ['with SCRAM', { sasl: scram }, 'started'],
    // These get as far as their certificate, which is not there.
    ['with passwords inside of TLS', { tls, sasl: plain }, 'TLS_FAILED'],
    ['with certificates of clients', { tls: { ...tls, clientAuth: 'required' } }, 'TLS_FAILED'],
  ] as const)('%s: %s', async ([, listener, outcome]) => {
    for (const host of ['0.0.0.0', '::', '']) expect(await outcomeOf({ host, ...listener })).toBe(outcome);
  });

  it('does without authentication when somebody has said so', async () => {
    expect(await outcomeOf({ host: '0.0.0.0' }, true)).toBe('started');
  });

  it('says what to do', async () => {
    const starting = startBroker({ listeners: [{ host: '0.0.0.0', port: 9092 }] });
    await expect(starting).rejects.toThrow(
      'expected authentication (SASL, or certificates of clients) on 0.0.0.0:9092, which other machines can reach: add it, ' +
        'listen on 127.0.0.1, or allow it (allowInsecureListeners, --insecure true)',
    );
  });
});

describe('a listener on loopback', () => {
  it.for(['127.0.0.1', 'localhost', '127.0.0.2'])('needs no authentication: %s', async (host) => {
    expect(await outcomeOf({ host })).toBe('started');
    expect(await outcomeOf({ host, sasl: plain })).toBe('started');
  });
});
