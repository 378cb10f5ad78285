const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

export function escape(text: string): string {
  return text.replace(/[&<>"]/g, (character) => entities[character] ?? character);
}

export function attribute(attributes: Readonly<Record<string, string>>): string {
  return Object.entries(attributes)
    .filter(([, value]) => value !== '')
    .map(([name, value]) => `${name}="${escape(value)}"`)
    .join(' ');
}

/** An element with its content, which is XML. */
export function wrap(tag: string, attributes: Readonly<Record<string, string>>, content: string): string {
  return `<${tag} ${attribute(attributes)}>${content}</${tag}>`;
}

/** An expression in an element of its own, as BPMN writes it. */
export function formal(tag: string, text: string): string {
  return wrap(`bpmn:${tag}`, { 'xsi:type': 'bpmn:tFormalExpression' }, escape(text));
}
