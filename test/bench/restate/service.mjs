// What the one-task process is in Restate: a handler that waits for one durable step, which another service does.
import { once } from 'node:events';
import { createServer } from 'node:http2';
import * as restate from '@restatedev/restate-sdk';

const work = restate.service({ name: 'work', handlers: { perform: async () => ({ isDone: true }) } });
const oneTask = restate.service({
  name: 'one-task',
  handlers: {
    run: async (context, variables) => ({ ...variables, ...(await context.serviceClient(work).perform(variables)) }),
  },
});

const server = createServer(restate.createEndpointHandler({ services: [work, oneTask] }));
server.listen(0, '127.0.0.1');
await once(server, 'listening');
console.log(`listening on ${server.address().port}`);
