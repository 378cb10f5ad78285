import { connect, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { ClientError, type ClientErrorCode } from './client-error.ts';
import type { Environment } from './options.ts';

/** Resolves when the socket is connected and, with TLS, both sides agree; the broker may still refuse our certificate then. */
export function openSocket(host: string, port: number, { clock, limits, tls }: Environment): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const address = { host, port, noDelay: true, keepAlive: true };
    const socket = tls === undefined ? connect(address) : connectTls({ ...address, ...tls });
    const fail = (reason: string, cause?: NodeJS.ErrnoException): void => {
      cancel();
      socket.destroy();
      const code = isUntrusted(socket) ? 'UNTRUSTED_BROKER' : codeOfFailure(cause);
      reject(new ClientError(code, `expected a broker at ${host}:${port}, found ${reason}`, { cause }));
    };
    const cancel = clock.after(limits.connectTimeoutMs, () => fail(`no answer within ${limits.connectTimeoutMs} ms`));
    const onError = (error: NodeJS.ErrnoException): void => fail(error.code ?? error.message, error);
    socket.once('error', onError);
    socket.once(tls === undefined ? 'connect' : 'secureConnect', () => {
      cancel();
      socket.off('error', onError);
      resolve(socket);
    });
  });
}

/** What the broker says of a certificate of ours that is missing or that it does not like (RFC 8446, 6.2), as OpenSSL spells it. */
const certificateAlert = /ALERT_(CERTIFICATE|(BAD|NO|UNSUPPORTED)_CERTIFICATE|UNKNOWN_CA)/;

/** A broker that refuses our certificate would refuse it again; any other failure may pass. */
export function codeOfFailure(error?: NodeJS.ErrnoException): ClientErrorCode {
  return certificateAlert.test(error?.code ?? '') ? 'AUTHENTICATION_FAILED' : 'DISCONNECTED';
}

/** Whether TLS was agreed on, and the certificate was not. */
function isUntrusted(socket: Socket | TLSSocket): boolean {
  return 'authorizationError' in socket && Boolean(socket.authorizationError);
}
