import { type Lines, nest } from './notation.ts';

/**
 * A script: what it shows (a sentence, then any prose), its processes, and its steps with what each is expected to do.
 *
 *   A timer at a task ends it.
 *
 *   process p
 *     s: start
 *     …
 *
 *   > start p {"x": 1}
 *     element.entered s
 */
export interface Script {
  readonly shows: string;
  readonly processes: readonly { readonly id: string; readonly lines: readonly Lines[] }[];
  /** `decision Dish = if season = "winter" then "stew" else "salad"` */
  readonly decisions: readonly { readonly id: string; readonly expression: string }[];
  readonly steps: readonly Step[];
}

interface Step {
  /** Without the `> `. */
  readonly text: string;
  readonly expected: readonly string[];
}

export function parseScript(text: string): Script {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const processes: { id: string; lines: string[] }[] = [];
  const steps: { text: string; expected: string[] }[] = [];
  const prose: string[] = [];
  const decisions: { id: string; expression: string }[] = [];
  for (const line of lines) {
    if (line.startsWith('> ')) steps.push({ text: line.slice(2).trim(), expected: [] });
    else if (line.startsWith('decision ')) {
      const [, id = '', expression = ''] = /^decision (\w+) = (.+)$/.exec(line) ?? [];
      decisions.push({ id, expression });
    } else if (line.startsWith('process ')) processes.push({ id: line.slice(8).trim(), lines: [] });
    else if (steps.length > 0) steps.at(-1)?.expected.push(line.trim());
    else if (processes.length > 0) processes.at(-1)?.lines.push(line);
    else prose.push(line.trim());
  }
  const [shows] = prose;
  if (shows === undefined || processes.length === 0 || steps.length === 0)
    throw new Error('expected a script to say what it shows, then to have a process and steps');
  return { shows, processes: processes.map(({ id, lines: own }) => ({ id, lines: nest(own) })), decisions, steps };
}

/** The script with other expectations: the text before its first step stays as it is. */
export function withExpectations(text: string, steps: readonly Step[]): string {
  const head = text.slice(0, text.search(/^> /m));
  const written = steps.map((step) => [`> ${step.text}`, ...step.expected.map((line) => `  ${line}`)].join('\n'));
  return `${head}${written.join('\n')}\n`;
}
