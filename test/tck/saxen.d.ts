declare module 'saxen' {
  type Decode = (text: string) => string;

  export class Parser {
    ns(prefixes: Readonly<Record<string, string>>): void;
    on(
      event: 'openTag',
      hook: (name: string, attributes: () => Record<string, unknown>, decodeEntities: Decode) => void,
    ): void;
    on(event: 'closeTag', hook: (name: string) => void): void;
    on(event: 'text', hook: (text: string, decodeEntities: Decode) => void): void;
    on(event: 'cdata', hook: (text: string) => void): void;
    on(event: 'error', hook: (error: Error) => void): void;
    parse(xml: string): void;
  }
}
