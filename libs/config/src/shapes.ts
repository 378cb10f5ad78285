import { z } from 'zod';

const ADDRESS = /^(?:\[(?<v6>[^\]]+)\]|(?<host>[^:[\]]+)):(?<port>\d{1,5})$/;

export interface Address {
  readonly host: string;
  /** 0 asks the system for a free port. */
  readonly port: number;
}

/** `host:port`, with an IPv6 host in brackets (RFC 3986, section 3.2.2). */
export const address = z.string().transform((text, context): Address => {
  const match = ADDRESS.exec(text)?.groups;
  const port = Number(match?.['port']);
  if (match === undefined || port > 65_535) {
    context.addIssue(`expected host:port (such as 127.0.0.1:9092), found "${text}"`);
    return z.NEVER;
  }
  return { host: match['v6'] ?? match['host'] ?? '', port };
});

export const flag = z.union([z.boolean(), z.stringbool()], { error: 'expected true or false' });
