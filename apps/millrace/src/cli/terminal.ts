import { styleText } from 'node:util';

type Style = Parameters<typeof styleText>[0];

/** Where a verb prints to. `styleText` drops the colours by itself when the stream is no terminal or NO_COLOR is set. */
export interface Terminal {
  readonly json: boolean;
  line(text?: string): void;
  /** One JSON value on a line of its own. */
  value(value: unknown): void;
  style(style: Style, text: string): string;
}

export function terminal(stream: NodeJS.WriteStream, json: boolean): Terminal {
  return {
    json,
    line: (text = '') => void stream.write(`${text}\n`),
    value: (value) => void stream.write(`${JSON.stringify(value)}\n`),
    style: (style, text) => styleText(style, text, { stream }),
  };
}

/** Columns as wide as their widest cell; the last one runs free. */
export function table(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, column) => {
      widths[column] = Math.max(widths[column] ?? 0, cell.length);
    });
  }
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
