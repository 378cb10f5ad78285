import { describe, expect, it } from 'vitest';
import { Cluster } from './support/cluster.ts';
import { end, job, model, start } from './support/model.ts';

describe('ids that plain objects know too', () => {
  const ids = ['__proto__', 'constructor', 'toString'] as const;

  it.for(ids)('are refused as elements to put a token into: %s', (elementId) => {
    const all = new Cluster().install(model('p', { start, work: job('w'), end }, ['start -> work -> end']));
    const instanceId = all.start('p');
    const [rejected] = all.run({ kind: 'modifyInstance', instanceId, activate: [{ elementId }], terminate: [] });
    expect(rejected).toMatchObject({ kind: 'command.rejected', reason: 'INVALID_ARGUMENT' });
  });

  it.for(ids)('are refused as what an element becomes: %s', (id) => {
    const process = model('p', { start, work: job('w'), end }, ['start -> work -> end']);
    const all = new Cluster().install(process, 2).install(process);
    const instanceId = all.start('p', {}, { definitionVersion: 1 });
    const mapping = { work: id };
    const [rejected] = all.run({ kind: 'migrateInstance', instanceId, definitionVersion: 2, mapping });
    expect(rejected).toMatchObject({ kind: 'command.rejected', reason: 'INVALID_ARGUMENT' });
  });
});
