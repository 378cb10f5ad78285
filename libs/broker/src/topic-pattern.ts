import { setFlagsFromString } from 'node:v8';

// Patterns come from clients, and one can be made on which the engine that backtracks would spend years. V8's other one takes
// time linear in the text, and refuses what that excludes (back references, looking around), as RE2 does, whose syntax
// KIP-848 names. It works for expressions that ask for it, and only behind this flag.
setFlagsFromString('--enable-experimental-regexp-engine');

const LINEAR = 'l';
const LENGTH_MAX = 1_000;

/** The pattern of a subscription, which must match names whole; null when it is none, or too long. */
export function topicPattern(text: string): RegExp | null {
  if (text.length > LENGTH_MAX) return null;
  try {
    return new RegExp(`^(?:${text})$`, LINEAR);
  } catch {
    return null;
  }
}
