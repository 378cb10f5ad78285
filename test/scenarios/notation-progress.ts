import { attribute, escape, wrap } from './xml-text.ts';

/**
 * What our own namespace adds to a node: `stage Review`, `milestone Reviewed`, `back x, y`, and
 * `action name, manual, order 1, publish topic =payload`, whose parts have commas between.
 */
export function progressXml(part: string): string {
  const [, word = '', rest = ''] = /^(stage|milestone|back|action)\b\s*(.*)$/.exec(part) ?? [];
  switch (word) {
    case 'stage':
    case 'milestone':
      return `<millrace:${word} ${attribute({ name: rest })}/>`;
    case 'back':
      return `<millrace:back ${attribute({ remove: rest })}/>`;
    case 'action':
      return actionXml(rest);
    default:
      return '';
  }
}

function actionXml(text: string): string {
  const [name = '', ...parts] = text.split(', ');
  const attributes: Record<string, string> = { name };
  const content: string[] = [];
  for (const part of parts) {
    const [, word = '', rest = ''] = /^(\S+)\s*(.*)$/.exec(part) ?? [];
    const doing = doingXml(word, rest);
    if (doing !== undefined) content.push(doing);
    else if (word === 'callback') Object.assign(attributes, { callback: 'true', key: rest });
    else if (word === 'if') attributes['condition'] = rest;
    else attributes[word] = rest === '' ? 'true' : rest;
  }
  return wrap('millrace:action', attributes, content.join(''));
}

function doingXml(word: string, rest: string): string | undefined {
  switch (word) {
    case 'job':
      return `<zeebe:taskDefinition ${attribute({ type: rest })}/>`;
    case 'call':
      return `<zeebe:calledElement ${attribute({ processId: rest })}/>`;
    case 'script': {
      const [, resultVariable = '', expression = ''] = /^(\w+) = (.+)$/.exec(rest) ?? [];
      return `<zeebe:script expression="=${escape(expression)}" resultVariable="${resultVariable}"/>`;
    }
    case 'publish': {
      const [, topic = '', payload = ''] = /^(\S+)\s*(=.*)?$/.exec(rest) ?? [];
      return `<millrace:publish ${attribute({ topic, payload })}/>`;
    }
    default:
      return undefined;
  }
}
