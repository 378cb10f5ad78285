"""librdkafka, by confluent-kafka, as the suite drives it."""

import sys
import threading
import time

from confluent_kafka import Consumer, ConsumerGroupTopicPartitions, IsolationLevel, KafkaError, KafkaException
from confluent_kafka import Producer, TopicPartition
from confluent_kafka.admin import (
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    NewPartitions,
    NewTopic,
    OffsetSpec,
)

from serve import serve

ADDRESS = sys.argv[-1]
PATIENCE_S = 30
PRODUCER_FENCED = 90
STRATEGIES = {'range': 'range', 'roundrobin': 'roundrobin', 'cooperative': 'cooperative-sticky'}

members, producers, streams = {}, {}, {}
administration = None


def consumer_settings(**more):
    return {
        'bootstrap.servers': ADDRESS,
        'auto.offset.reset': 'earliest',
        'enable.auto.commit': False,
        'fetch.wait.max.ms': 100,
        'reconnect.backoff.max.ms': 200,
        **more,
    }


def producer_settings(**more):
    return {
        'bootstrap.servers': ADDRESS,
        'message.max.bytes': 8_000_000,
        'reconnect.backoff.max.ms': 200,
        'linger.ms': 20,
        **more,
    }


def view(message):
    decoded = lambda data: None if data is None else data.decode()
    headers = [[name, decoded(value)] for name, value in message.headers() or []]
    return {
        'partition': message.partition(),
        'offset': message.offset(),
        'timestamp': message.timestamp()[1],
        'key': decoded(message.key()),
        'value': decoded(message.value()),
        'headers': headers,
    }


def produce(topic, records, codec='none', acks=-1):
    idempotent = {'enable.idempotence': True} if acks == -1 else {'acks': acks}
    producer = Producer(producer_settings(**{'compression.type': codec}, **idempotent))
    placed, failed = [None] * len(records), []

    def delivered(index):
        def called(error, message):
            if error is not None:
                failed.append(error)
            else:
                placed[index] = {'partition': message.partition(), 'offset': message.offset()}

        return called

    for index, record in enumerate(records):
        timestamp = {'timestamp': record['timestamp']} if 'timestamp' in record else {}
        producer.produce(
            topic,
            key=record.get('key'),
            value=record['value'],
            partition=record['partition'],
            headers=[(name, value) for name, value in record.get('headers', [])],
            on_delivery=delivered(index),
            **timestamp,
        )
    producer.flush(PATIENCE_S)
    if failed:
        raise KafkaException(failed[0])
    return [] if acks == 0 else placed


def read(topic, partition, count, committed=False, **place):
    level = 'read_committed' if committed else 'read_uncommitted'
    consumer = Consumer(consumer_settings(**{'group.id': 'unused', 'isolation.level': level}))
    consumer.assign([TopicPartition(topic, partition, place['from'])])
    seen, deadline = [], time.time() + PATIENCE_S
    while len(seen) < count:
        message = consumer.poll(0.1)
        if message is not None and message.error() is None:
            seen.append(view(message))
        elif time.time() > deadline:
            raise TimeoutError(f'expected {count} records, found {len(seen)}')
    consumer.close()
    return seen


class Member(threading.Thread):
    def __init__(self, settings, topics):
        super().__init__(daemon=True)
        self.seen, self.owned, self.error, self.is_leaving = [], set(), None, False
        self.consumer = Consumer(settings)
        own = lambda _, partitions: self.owned.update((each.topic, each.partition) for each in partitions)
        disown = lambda _, partitions: self.owned.difference_update((each.topic, each.partition) for each in partitions)
        self.consumer.subscribe(topics, on_assign=own, on_revoke=disown, on_lost=disown)
        self.start()

    def run(self):
        while not self.is_leaving:
            messages = self.consumer.consume(100, 0.05)
            for message in messages:
                if message.error() is None:
                    self.seen.append(view(message))
                elif message.error().code() in (KafkaError.FENCED_INSTANCE_ID, KafkaError._FATAL):
                    self.error = KafkaError.FENCED_INSTANCE_ID
            if any(message.error() is None for message in messages):
                try:
                    self.consumer.commit(asynchronous=False)
                except KafkaException:
                    pass  # A rebalance came between: what was not committed is read again by whoever owns it.
        self.consumer.close()
        self.owned.clear()

    def look(self):
        error = {} if self.error is None else {'error': self.error}
        return {'seen': list(self.seen), 'assignment': sorted(self.owned), **error}


def join(member, group, topics, strategy, instanceId=None):
    settings = consumer_settings(
        **{
            'group.id': group,
            'partition.assignment.strategy': STRATEGIES[strategy],
            'heartbeat.interval.ms': 200,
            'session.timeout.ms': 10_000,
        }
    )
    if instanceId is not None:
        settings['group.instance.id'] = instanceId
    members[member] = Member(settings, topics)


def leave(member):
    left = members.pop(member)
    left.is_leaving = True
    left.join()


def open_producer(producer, transactionalId, timeoutMs=60_000):
    settings = {'transactional.id': transactionalId, 'transaction.timeout.ms': timeoutMs}
    producers[producer] = Producer(producer_settings(**settings))
    producers[producer].init_transactions(PATIENCE_S)


def send(producer, topic, partition, values):
    failed = []
    for value in values:
        heard = lambda error, _: failed.append(error) if error is not None else None
        producers[producer].produce(topic, value=value, partition=partition, on_delivery=heard)
    producers[producer].flush(PATIENCE_S)
    if failed:
        raise KafkaException(failed[0])


def copy(source, target, group, transactionalId, count, abortEvery):
    producer = Producer(producer_settings(**{'transactional.id': transactionalId}))
    producer.init_transactions(PATIENCE_S)
    consumer = Consumer(consumer_settings(**{'group.id': group, 'isolation.level': 'read_committed'}))
    consumer.subscribe([source])
    committed, aborted, turn = 0, 0, 0
    while committed < count:
        messages = [each for each in consumer.consume(20, 0.1) if each.error() is None]
        if not messages:
            continue
        producer.begin_transaction()
        for message in messages:
            producer.produce(target, value=message.value(), partition=0)
        positions = [each for each in consumer.position(consumer.assignment()) if each.offset >= 0]
        producer.send_offsets_to_transaction(positions, consumer.consumer_group_metadata(), PATIENCE_S)
        turn += 1
        if turn % abortEvery != 0:
            producer.commit_transaction(PATIENCE_S)
            committed += len(messages)
            continue
        producer.abort_transaction(PATIENCE_S)
        aborted += 1
        for each in consumer.committed(consumer.assignment(), PATIENCE_S):
            consumer.seek(TopicPartition(each.topic, each.partition, max(each.offset, 0)))
    consumer.close()
    return {'committed': committed, 'aborted': aborted}


class Stream(threading.Thread):
    def __init__(self, topic):
        super().__init__(daemon=True)
        self.topic, self.sent, self.acknowledged, self.is_stopping = topic, 0, 0, False
        self.producer = Producer(producer_settings(**{'enable.idempotence': True, 'linger.ms': 1}))
        self.start()

    def heard(self, error, _):
        self.acknowledged += error is None

    def run(self):
        while not self.is_stopping:
            self.producer.produce(self.topic, value=str(self.sent), partition=0, on_delivery=self.heard)
            self.sent += 1
            self.producer.poll(0)
            time.sleep(0.001)
        self.producer.flush(PATIENCE_S)

    def finish(self):
        self.is_stopping = True
        self.join()
        return {'sent': self.sent, 'acknowledged': self.acknowledged}


def admin():
    global administration
    administration = administration or AdminClient({'bootstrap.servers': ADDRESS})
    return administration


def done(futures):
    return [future.result(PATIENCE_S) for future in futures.values()]


def create_topic(topic, partitions, configs={}):
    done(admin().create_topics([NewTopic(topic, partitions, 1, config=configs)]))


def describe_configs(topic):
    [configs] = done(admin().describe_configs([ConfigResource(ConfigResource.Type.TOPIC, topic)]))
    return {name: entry.value for name, entry in configs.items()}


def alter_configs(topic, configs):
    changes = [
        ConfigEntry(name, value, incremental_operation=AlterConfigOpType.SET) for name, value in configs.items()
    ]
    resource = ConfigResource(ConfigResource.Type.TOPIC, topic, incremental_configs=changes)
    done(admin().incremental_alter_configs([resource]))


def list_offsets(topic, partition, at):
    specs = {'earliest': OffsetSpec.earliest, 'latest': OffsetSpec.latest, 'max': OffsetSpec.max_timestamp}
    spec = specs[at]() if at in specs else OffsetSpec.for_timestamp(at)
    [found] = done(
        admin().list_offsets({TopicPartition(topic, partition): spec}, isolation_level=IsolationLevel.READ_UNCOMMITTED)
    )
    return found.offset


def describe_group(group):
    [found] = done(admin().describe_consumer_groups([group]))
    return {'state': found.state.name.title(), 'members': len(found.members)}


def group_offsets(group):
    [found] = done(admin().list_consumer_group_offsets([ConsumerGroupTopicPartitions(group)]))
    return [[each.topic, each.partition, each.offset] for each in found.topic_partitions]


def alter_group_offsets(group, topic, partition, offset):
    changed = ConsumerGroupTopicPartitions(group, [TopicPartition(topic, partition, offset)])
    done(admin().alter_consumer_group_offsets([changed]))


OPERATIONS = {
    'produce': produce,
    'read': read,
    'join': join,
    'look': lambda member: members[member].look(),
    'leave': leave,
    'open': open_producer,
    'begin': lambda producer: producers[producer].begin_transaction(),
    'send': send,
    'commit': lambda producer: producers[producer].commit_transaction(PATIENCE_S),
    'abort': lambda producer: producers[producer].abort_transaction(PATIENCE_S),
    'close': lambda producer: producers.pop(producer) and None,
    'copy': copy,
    'stream': lambda topic: streams.__setitem__(topic, Stream(topic)),
    'finish': lambda topic: streams.pop(topic).finish(),
    'createTopic': create_topic,
    'createPartitions': lambda topic, count: done(admin().create_partitions([NewPartitions(topic, count)])) and None,
    'partitions': lambda topic: len(admin().list_topics(topic, PATIENCE_S).topics[topic].partitions),
    'listTopics': lambda: list(admin().list_topics(timeout=PATIENCE_S).topics),
    'describeConfigs': describe_configs,
    'alterConfigs': alter_configs,
    'listOffsets': list_offsets,
    'deleteRecords': lambda topic, partition, before: done(
        admin().delete_records([TopicPartition(topic, partition, before)])
    )
    and None,
    'deleteTopic': lambda topic: done(admin().delete_topics([topic])) and None,
    'listGroups': lambda: [each.group_id for each in admin().list_consumer_groups().result(PATIENCE_S).valid],
    'describeGroup': describe_group,
    'groupOffsets': group_offsets,
    'alterGroupOffsets': alter_group_offsets,
    'deleteGroup': lambda group: done(admin().delete_consumer_groups([group])) and None,
}


def code_of(error):
    cause = error.args[0] if isinstance(error, KafkaException) else None
    code = cause.code() if cause is not None else -1
    # Fencing has a name of its own in librdkafka.
    return PRODUCER_FENCED if code == KafkaError._FENCED else code


serve(OPERATIONS, code_of)
