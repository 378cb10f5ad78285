/** A header as it is on the wire: names may repeat, the order counts, a value may be missing. */
export interface Header {
  readonly key: string;
  readonly value: Uint8Array | null;
}

/** A record as a Kafka client hands it over. */
export interface ReceivedRecord {
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers: readonly Header[];
}

/** Where a record came from. */
export interface RecordSource {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

/** A record to send. Text is UTF-8; bytes go out as they are. */
export interface OutgoingRecord {
  readonly topic: string;
  readonly key: string | Uint8Array | null;
  readonly value: string | Uint8Array | null;
  readonly headers: readonly { readonly key: string; readonly value: string | Uint8Array | null }[];
}

// Not fatal: a header value that is no UTF-8 becomes text with replacement characters, which no id or number matches.
const utf8 = new TextDecoder('utf-8');

/** The text of a header, or undefined when it is not there. Of a repeated header the last one counts, as in Kafka's own clients. */
export function headerText(record: Pick<ReceivedRecord, 'headers'>, name: string): string | undefined {
  for (let index = record.headers.length - 1; index >= 0; index--) {
    const header = record.headers[index];
    if (header?.key === name) return header.value === null ? undefined : utf8.decode(header.value);
  }
  return undefined;
}

/** All headers as text, for commands and replies that echo them. */
export function headerTexts(record: Pick<ReceivedRecord, 'headers'>): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const { key, value } of record.headers) {
    if (value !== null && key !== '__proto__') texts[key] = utf8.decode(value);
  }
  return texts;
}

/** Headers to send, from names and texts; undefined ones are left out. */
export function headersOf(texts: Readonly<Record<string, string | undefined>>): { key: string; value: string }[] {
  const list: { key: string; value: string }[] = [];
  for (const [key, value] of Object.entries(texts)) {
    if (value !== undefined) list.push({ key, value });
  }
  return list;
}
