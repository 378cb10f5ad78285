import { describe, expect, it } from 'vitest';
import {
  jobTopicCollision,
  jobTypeLengthMax,
  jobTypeProblem,
  namespaceProblem,
  topicNameLengthMax,
  topicNameProblem,
  topicsOf,
} from '../src/index.ts';

describe('topic names', () => {
  it('are those of FlowX when the namespace is', () => {
    const topics = topicsOf('ai.flowx.dev.');
    expect(topics.startTrigger).toBe('ai.flowx.dev.core.trigger.start.process.v1');
    expect(topics.messageEvent).toBe('ai.flowx.dev.core.message.event.process.v1');
    expect(topics.isReceive('ai.flowx.dev.engine.receive.my.connector.results.v1')).toBe(true);
  });

  it('recognise replies by prefix, of this namespace only', () => {
    const topics = topicsOf();
    expect(topics.isReceive(topics.reply)).toBe(true);
    expect(topics.isReceive('millrace.engine.receive.')).toBe(false);
    expect(topics.isReceive('other.engine.receive.x')).toBe(false);
    expect(topics.isReceive(topics.commands)).toBe(false);
  });

  it.for([
    ['send-email', 'millrace.plugin.send-email.v1'],
    ['io.camunda:http-json:1', 'millrace.plugin.io.camunda-http-json-1.v1'],
    ['Bonität prüfen', 'millrace.plugin.Bonit-t-pr-fen.v1'],
    ['pay 💶', 'millrace.plugin.pay--.v1'],
  ] as const)('of job type %s is %s', ([type, topic]) => {
    expect(topicsOf().job(type)).toBe(topic);
    expect(topicNameProblem(topic)).toBeUndefined();
  });

  it('stay valid for the longest namespace and job type', () => {
    const namespace = 'n'.repeat(100);
    const name = topicsOf(namespace).job('t'.repeat(jobTypeLengthMax));
    expect(namespaceProblem(namespace)).toBeUndefined();
    expect(name.length).toBeLessThanOrEqual(topicNameLengthMax);
  });

  it.for(['with space', 'a/b', 'n'.repeat(101)])('refuse the namespace %s', (namespace) => {
    expect(namespaceProblem(namespace)).toContain('expected a namespace');
  });

  it.for(['', '.', '..', 'a b', 'x'.repeat(250)])('refuse the topic name %s', (name) => {
    expect(topicNameProblem(name)).toBeDefined();
  });
});

describe('job types', () => {
  it('that would share a topic are found, whatever stands between them', () => {
    expect(jobTopicCollision(['a:b', 'c', 'a/b'])).toEqual({ first: 'a:b', second: 'a/b' });
  });

  it('that repeat or differ are no collision', () => {
    expect(jobTopicCollision(['a:b', 'a:b', 'a.b', 'a_b'])).toBeUndefined();
  });

  it.for(['', '  ', 'x'.repeat(129)])('refuse %s', (type) => {
    expect(jobTypeProblem(type)).toBeDefined();
  });
});
