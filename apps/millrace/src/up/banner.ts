import { styleText } from 'node:util';

export interface BannerFacts {
  readonly url: string;
  readonly kafka: string;
  readonly data: string;
  readonly readyMs: number;
  readonly demo: string | undefined;
}

/** What a person at a terminal needs to go on. A program reads the log lines instead. */
export function banner({ url, kafka, data, readyMs, demo }: BannerFacts): string {
  const bold = (text: string): string => styleText('bold', text, { stream: process.stdout });
  const lines = [
    '',
    `  ${bold('Millrace')} is ready after ${readyMs.toFixed(0)} ms.`,
    '',
    `  REST, notifications  ${bold(url)}  (documentation at ${url}/docs)`,
    `  Kafka protocol       ${bold(kafka)}`,
    `  data                 ${data}`,
  ];
  if (demo !== undefined) {
    lines.push(
      '',
      `  Start the demo process, and watch it:`,
      `    curl -s -X POST ${url}/api/process/${demo}/start -H 'content-type: application/json' -d '{"customer":{"id":"c-100","name":"Ada Lovelace","email":"ada@example.com"}}'`,
      `    npm run --silent millrace -- watch`,
    );
  }
  lines.push('');
  return `${lines.join('\n')}\n`;
}
