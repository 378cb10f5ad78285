import { readFileSync, statSync } from 'node:fs';
import { createServer, type SecureContextOptions, type Server, type TLSSocket } from 'node:tls';
import { type Clock, messageOf } from '@millrace/std';
import { BrokerError } from '../errors.ts';
import type { BrokerLogger } from '../options.ts';
import { distinguishedNameOf, type PrincipalMapping, principalMapping } from './principal-mapping.ts';

export interface TlsOptions {
  /** PEM: the certificate of the broker, and those between it and its authority. */
  readonly certificateFile: string;
  /** PEM: its private key. */
  readonly keyFile: string;
  readonly keyPassword?: string;
  /** Whether clients show a certificate. `requested`: who shows none is anonymous. By default `none`. */
  readonly clientAuth?: 'none' | 'requested' | 'required';
  /** PEM: the authorities whose certificates clients may show; by default those that Node trusts. */
  readonly clientAuthorityFile?: string;
  /** Kafka's `ssl.principal.mapping.rules`; by default the user is the whole distinguished name. */
  readonly principalMappingRules?: string;
}

/** Files are looked at this often: a certificate that was renewed counts for connections from then on. */
const WATCH_MS = 10_000;
const TLS_VERSION_MIN = 'TLSv1.2';

/** The TLS of one listener. */
export class TlsListener {
  readonly server: Server;
  readonly #options: TlsOptions;
  readonly #clock: Clock;
  readonly #logger: BrokerLogger;
  readonly #mapping: PrincipalMapping;
  #stamp: string;
  #cancelWatch: () => void = () => {};

  /** @throws BrokerError when the files are no certificate and key */
  constructor(options: TlsOptions, handshakeTimeout: number, clock: Clock, logger: BrokerLogger) {
    this.#options = options;
    this.#clock = clock;
    this.#logger = logger;
    try {
      this.#mapping = principalMapping(options.principalMappingRules);
      this.#stamp = this.#stampOf();
      this.server = createServer({
        ...this.#context(),
        handshakeTimeout,
        requestCert: (options.clientAuth ?? 'none') !== 'none',
        // Refused by `principalOf`, which can say why.
        rejectUnauthorized: false,
      });
    } catch (error) {
      const files = `${options.certificateFile} and ${options.keyFile}`;
      throw new BrokerError('TLS_FAILED', `expected a certificate and its key in ${files}: ${messageOf(error)}`, {
        cause: error,
      });
    }
    this.#watch();
  }

  /** `User:…` of the peer, or what is wrong with its certificate. */
  principalOf(socket: TLSSocket, anonymous: string): { readonly principal: string } | { readonly problem: string } {
    const { clientAuth = 'none' } = this.#options;
    if (clientAuth === 'none') return { principal: anonymous };
    const certificate = socket.getPeerX509Certificate();
    if (certificate === undefined) {
      return clientAuth === 'required' ? { problem: 'expected a certificate' } : { principal: anonymous };
    }
    if (!socket.authorized) {
      return { problem: `expected a certificate that is trusted (${String(socket.authorizationError)})` };
    }
    return { principal: `User:${this.#mapping(distinguishedNameOf(certificate.subject))}` };
  }

  /** Takes new files into use; keeps the old ones, and says so, when these can not be used. */
  reload(): void {
    try {
      const stamp = this.#stampOf();
      if (stamp === this.#stamp) return;
      this.#stamp = stamp;
      this.server.setSecureContext(this.#context());
      this.#logger.info({ certificate: this.#options.certificateFile }, 'certificate replaced');
    } catch (error) {
      const fields = { certificate: this.#options.certificateFile, error: messageOf(error) };
      this.#logger.error(fields, 'certificate could not be replaced, the old one stays');
    }
  }

  close(): void {
    this.#cancelWatch();
  }

  #watch(): void {
    this.#cancelWatch = this.#clock.after(WATCH_MS, () => {
      this.reload();
      this.#watch();
    });
  }

  #files(): string[] {
    const { certificateFile, keyFile, clientAuthorityFile } = this.#options;
    return [certificateFile, keyFile, ...(clientAuthorityFile === undefined ? [] : [clientAuthorityFile])];
  }

  #stampOf(): string {
    return this.#files()
      .map((file) => statSync(file))
      .map(({ mtimeMs, ino, size }) => `${mtimeMs}/${ino}/${size}`)
      .join();
  }

  #context(): SecureContextOptions {
    const { keyPassword } = this.#options;
    const [cert, key, ca] = this.#files().map((file) => readFileSync(file));
    return {
      cert,
      key,
      ...(ca === undefined ? {} : { ca }),
      ...(keyPassword === undefined ? {} : { passphrase: keyPassword }),
      minVersion: TLS_VERSION_MIN,
    };
  }
}
