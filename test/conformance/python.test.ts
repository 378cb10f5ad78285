import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestBroker, startBroker } from './brokers/index.ts';
import { createTopic, kafkaOf } from '../support/kafkajs-client.ts';
import { need, python } from '../support/programs.ts';

let broker: TestBroker;

beforeAll(async () => {
  broker = await startBroker();
});

afterAll(() => broker.remove());

const produceAndConsume = `
import sys
from kafka import KafkaProducer, KafkaConsumer
address = sys.argv[1]
producer = KafkaProducer(bootstrap_servers=address, acks='all', compression_type='gzip')
for i in range(100):
    producer.send('snakes', key=b'k%d' % i, value=b'v%d' % i, headers=[('h', b'x')], partition=i % 2)
producer.flush()
consumer = KafkaConsumer('snakes', bootstrap_servers=address, group_id='snakes', auto_offset_reset='earliest',
                         enable_auto_commit=False, consumer_timeout_ms=10000)
seen = []
for record in consumer:
    assert record.headers == [('h', b'x')], record.headers
    seen.append(record.value.decode())
    if len(seen) == 100:
        break
consumer.commit()
consumer.close()
print(len(set(seen)))
`;

/** The second member makes the first rebalance, each then has a part of the partitions, and all come back when it leaves. */
const shareAGroup = `
import sys, threading, time
from kafka import KafkaConsumer
class Member(threading.Thread):
    def __init__(self):
        super().__init__(daemon=True)
        self.owned, self.leaves = 0, False
        self.start()
    def run(self):
        consumer = KafkaConsumer('shared', bootstrap_servers=sys.argv[1], group_id='pythons', heartbeat_interval_ms=200)
        while not self.leaves:
            consumer.poll(timeout_ms=100)
            self.owned = len(consumer.assignment())
        consumer.close()
        self.owned = 0
def wait(one, two):
    deadline = time.time() + 20
    while (first.owned, second.owned if second else 0) != (one, two):
        assert time.time() < deadline, (first.owned, second and second.owned)
        time.sleep(0.02)
first, second = Member(), None
wait(4, 0)
second = Member()
wait(2, 2)
second.leaves = True
wait(4, 0)
first.leaves = True
first.join()
print('all came and went')
`;

const administer = `
import sys
from kafka.admin import KafkaAdminClient, NewTopic, ConfigResource, ConfigResourceType
admin = KafkaAdminClient(bootstrap_servers=sys.argv[1])
admin.create_topics([NewTopic('by-python', 2, 1, topic_configs={'retention.ms': '4321'})])
print('by-python' in admin.list_topics())
[response] = admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, 'by-python')])
print([entry[1] for entry in response.resources[0][4] if entry[0] == 'retention.ms'])
print(sorted(group for group, kind in admin.list_consumer_groups()))
offsets = admin.list_consumer_group_offsets('snakes')
print(sorted((p.topic, p.partition, o.offset) for p, o in offsets.items()))
admin.delete_topics(['by-python'])
print('by-python' in admin.list_topics())
`;

describe('python3-kafka', () => {
  it('produces with gzip to a topic that comes into being by it, and consumes in a group', async (context) => {
    need(context, 'python');
    await createTopic(kafkaOf(broker), 'snakes', 2);
    expect(await python(context, produceAndConsume, broker.address)).toBe('100\n');
  });

  it('lets members of a group join and leave', async (context) => {
    need(context, 'python');
    await createTopic(kafkaOf(broker), 'shared', 4);
    expect(await python(context, shareAGroup, broker.address)).toBe('all came and went\n');
  });

  it('administers topics and looks at groups', async (context) => {
    need(context, 'python');
    expect((await python(context, administer, broker.address)).split('\n')).toEqual([
      'True',
      "['4321']",
      "['pythons', 'snakes']",
      "[('snakes', 0, 50), ('snakes', 1, 50)]",
      'False',
      '',
    ]);
  });
});
