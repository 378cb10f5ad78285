import { wrap } from './xml-text.ts';

/** `hears start a, b`: listeners of an element by event; `task hears completing c`: those of a user task. */
export function listenersXml(more: readonly string[]): string {
  return (
    listXml(more, /^hears (\w+) (.+)$/, 'zeebe:executionListener') +
    listXml(more, /^task hears (\w+) (.+)$/, 'zeebe:taskListener')
  );
}

function listXml(more: readonly string[], said: RegExp, tag: string): string {
  const listeners = more.flatMap((part) => {
    const [, eventType = '', types = ''] = said.exec(part) ?? [];
    const names = types === '' ? [] : types.split(',');
    return names.map((type) => wrap(tag, { eventType, type: type.trim() }, ''));
  });
  return listeners.length === 0 ? '' : wrap(`${tag}s`, {}, listeners.join(''));
}
