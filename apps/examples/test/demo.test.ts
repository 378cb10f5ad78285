import { describe, expect, it } from 'vitest';
import { demoModels, demoTypes } from '../src/index.ts';

describe('the demo', () => {
  it('has a plugin for every job type that its models name', async () => {
    const models = await demoModels();
    const types = models.flatMap(({ xml }) =>
      [...xml.matchAll(/<zeebe:taskDefinition type="([^"]*)"/g)].map(([, type]) => type),
    );
    expect(new Set(types)).toEqual(new Set(demoTypes));
  });

  it('has models with a diagram of every flow element', async () => {
    for (const { xml } of await demoModels()) {
      const elements = [...xml.matchAll(/<bpmn:\w+ id="(\w+)"[^>]*?(?:name|sourceRef|attachedToRef|default)=/g)].map(
        ([, id]) => id,
      );
      const shown = new Set([...xml.matchAll(/bpmnElement="(\w+)"/g)].map(([, id]) => id));
      expect(elements.length).toBeGreaterThan(30);
      const drawn = elements.filter((id) => !['DocumentSigned', 'UnknownCustomerCode'].includes(id ?? ''));
      expect(drawn.filter((id) => !shown.has(id))).toEqual([]);
    }
  });
});
