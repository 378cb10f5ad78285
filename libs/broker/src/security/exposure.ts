import { BrokerError } from '../errors.ts';
import type { BrokerConfig, ListenerOptions } from '../options.ts';

/**
 * A broker that other machines can reach asks who they are, unless somebody has said that it need not.
 *
 * @throws BrokerError `INSECURE_LISTENER`
 */
export function checkExposure({ listeners, allowInsecureListeners }: BrokerConfig): void {
  if (allowInsecureListeners) return;
  for (const listener of listeners) {
    const problem = isLoopback(listener.host) ? null : problemOf(listener);
    if (problem === null) continue;
    const found = `${listener.host}:${listener.port}, which other machines can reach`;
    const instead = 'listen on 127.0.0.1, or allow it (allowInsecureListeners, --insecure true)';
    throw new BrokerError('INSECURE_LISTENER', `expected ${problem} on ${found}: add it, ${instead}`);
  }
}

function problemOf({ tls, sasl }: ListenerOptions): string | null {
  if (sasl === undefined) {
    return tls?.clientAuth === 'required' ? null : 'authentication (SASL, or certificates of clients)';
  }
  const isInTheClear = tls === undefined && sasl.mechanisms.some((one) => one === 'PLAIN' || one === 'OAUTHBEARER');
  return isInTheClear ? 'TLS beside PLAIN and OAUTHBEARER, which show their secrets,' : null;
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}
