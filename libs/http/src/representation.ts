/**
 * Lets two parts serve the same path, one as JSON and one as a stream: a route with the constraint
 * `{ representation: 'stream' }` takes the requests that accept `text/event-stream`, one with `'json'` takes the rest.
 */
export const representationConstraint = {
  representation: {
    name: 'representation',
    storage: () => {
      const handlers = new Map();
      return {
        get: (key: unknown) => handlers.get(key) ?? null,
        set: (key: unknown, handler: unknown) => {
          handlers.set(key, handler);
        },
      };
    },
    deriveConstraint: (request: { headers: { accept?: string | undefined } }) =>
      request.headers.accept?.includes('text/event-stream') === true ? 'stream' : 'json',
    validate: () => {},
  },
};
