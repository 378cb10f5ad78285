"""kafka-python as the suite drives it: Debian's 2.0.2, which has neither idempotence nor transactions, and a version of today."""

import sys
import threading
import time

import kafka
from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.coordinator.assignors.range import RangePartitionAssignor
from kafka.coordinator.assignors.roundrobin import RoundRobinPartitionAssignor
from kafka.coordinator.assignors.sticky.sticky_assignor import StickyPartitionAssignor
from kafka.errors import KafkaError
from kafka.structs import OffsetAndMetadata

from kafka_python_admin import administration
from serve import serve

ADDRESS = sys.argv[-1]
IS_OLD = kafka.__version__.startswith('2.0.')
PATIENCE_S = 30
FENCED_INSTANCE_ID = 82
STRATEGIES = {
    'range': RangePartitionAssignor,
    'roundrobin': RoundRobinPartitionAssignor,
    'sticky': StickyPartitionAssignor,
}
if not IS_OLD:
    from kafka.coordinator.assignors.cooperative_sticky import CooperativeStickyAssignor

    STRATEGIES['cooperative'] = CooperativeStickyAssignor

members, producers, streams = {}, {}, {}


def consumer_of(**more):
    settings = {
        'bootstrap_servers': ADDRESS,
        'auto_offset_reset': 'earliest',
        'enable_auto_commit': False,
        'fetch_max_wait_ms': 100,
        'reconnect_backoff_max_ms': 200,
        **more,
    }
    return KafkaConsumer(**settings)


def producer_of(**more):
    settings = {
        'bootstrap_servers': ADDRESS,
        'max_request_size': 8_000_000,
        'reconnect_backoff_max_ms': 200,
        'retries': 1_000,
        'linger_ms': 20,
        **more,
    }
    return KafkaProducer(**settings)


def idempotent():
    return {} if IS_OLD else {'enable_idempotence': True}


def encoded(text):
    return None if text is None else text.encode()


def decoded(data):
    return None if data is None else data.decode()


def view(record):
    return {
        'partition': record.partition,
        'offset': record.offset,
        'timestamp': record.timestamp,
        'key': decoded(record.key),
        'value': decoded(record.value),
        'headers': [[name, decoded(value)] for name, value in record.headers],
    }


def produce(topic, records, codec='none', acks=-1):
    more = {'acks': 'all', **idempotent()} if acks == -1 else {'acks': acks}
    producer = producer_of(compression_type=None if codec == 'none' else codec, **more)
    sent = [
        producer.send(
            topic,
            key=encoded(record.get('key')),
            value=encoded(record['value']),
            partition=record['partition'],
            headers=[(name, value.encode()) for name, value in record.get('headers', [])],
            timestamp_ms=record.get('timestamp'),
        )
        for record in records
    ]
    try:
        placed = [each.get(PATIENCE_S) for each in sent]
    finally:
        producer.close(PATIENCE_S)
    return [] if acks == 0 else [{'partition': each.partition, 'offset': each.offset} for each in placed]


def records_in(polled):
    return [record for records in polled.values() for record in records]


def read(topic, partition, count, committed=False, **place):
    level = {'isolation_level': 'read_committed'} if committed else {}
    consumer = consumer_of(group_id=None, **level)
    where = TopicPartition(topic, partition)
    consumer.assign([where])
    consumer.seek(where, place['from'])
    seen, deadline = [], time.time() + PATIENCE_S
    while len(seen) < count:
        seen += records_in(consumer.poll(timeout_ms=100, max_records=count - len(seen)))
        if time.time() > deadline:
            raise TimeoutError(f'expected {count} records, found {len(seen)}')
    consumer.close()
    return [view(record) for record in seen]


class Member(threading.Thread):
    def __init__(self, topics, **settings):
        super().__init__(daemon=True)
        self.topics, self.settings = topics, settings
        self.seen, self.owned, self.error, self.is_leaving = [], [], None, False
        self.start()

    def run(self):
        consumer = consumer_of(heartbeat_interval_ms=200, session_timeout_ms=10_000, **self.settings)
        consumer.subscribe(self.topics)
        while not self.is_leaving:
            try:
                # What 3.0 is assigned after a poll has given up waiting for it, it never takes: no poll is that short.
                records = records_in(consumer.poll(timeout_ms=1_000))
                self.seen += [view(record) for record in records]
                self.owned = sorted(consumer.assignment())
                # A static member hears that it is fenced when it commits, and by nothing else.
                if records or 'group_instance_id' in self.settings:
                    consumer.commit()
            except KafkaError as error:
                # After a rebalance in between, what was not committed is read again by whoever owns it.
                if getattr(error, 'errno', None) == FENCED_INSTANCE_ID:
                    self.error = FENCED_INSTANCE_ID
                    break
        consumer.close()
        self.owned = []

    def look(self):
        error = {} if self.error is None else {'error': self.error}
        return {'seen': list(self.seen), 'assignment': [list(each) for each in self.owned], **error}


def join(member, group, topics, strategy, instanceId=None):
    more = {} if instanceId is None else {'group_instance_id': instanceId}
    members[member] = Member(topics, group_id=group, partition_assignment_strategy=[STRATEGIES[strategy]], **more)


def leave(member):
    left = members.pop(member)
    left.is_leaving = True
    left.join()


def open_producer(producer, transactionalId, timeoutMs=60_000):
    producers[producer] = producer_of(transactional_id=transactionalId, transaction_timeout_ms=timeoutMs)
    producers[producer].init_transactions()


def send(producer, topic, partition, values):
    sent = [producers[producer].send(topic, value=encoded(value), partition=partition) for value in values]
    producers[producer].flush(PATIENCE_S)
    for each in sent:
        each.get(PATIENCE_S)


def copy(source, target, group, transactionalId, count, abortEvery):
    producer = producer_of(transactional_id=transactionalId)
    producer.init_transactions()
    consumer = consumer_of(group_id=group, isolation_level='read_committed')
    consumer.subscribe([source])
    committed, aborted, turn = 0, 0, 0
    while committed < count:
        records = records_in(consumer.poll(timeout_ms=100, max_records=20))
        if not records:
            continue
        producer.begin_transaction()
        for record in records:
            producer.send(target, value=record.value, partition=0)
        positions = {each: OffsetAndMetadata(consumer.position(each), '', -1) for each in consumer.assignment()}
        producer.send_offsets_to_transaction(positions, consumer.group_metadata())
        turn += 1
        if turn % abortEvery != 0:
            producer.commit_transaction()
            committed += len(records)
            continue
        producer.abort_transaction()
        aborted += 1
        for each in consumer.assignment():
            consumer.seek(each, consumer.committed(each) or 0)
    consumer.close()
    producer.close(PATIENCE_S)
    return {'committed': committed, 'aborted': aborted}


class Stream(threading.Thread):
    def __init__(self, topic):
        super().__init__(daemon=True)
        self.topic, self.sent, self.acknowledged, self.is_stopping = topic, 0, 0, False
        # The old one gives records up that waited for longer than a request may take.
        more = {'request_timeout_ms': 60_000} if IS_OLD else {}
        self.producer = producer_of(acks='all', **{**idempotent(), **more, 'linger_ms': 1})
        self.start()

    def heard(self, _):
        self.acknowledged += 1

    def run(self):
        while not self.is_stopping:
            self.producer.send(self.topic, value=encoded(str(self.sent)), partition=0).add_callback(self.heard)
            self.sent += 1
            time.sleep(0.001)
        self.producer.flush(60)
        self.producer.close(PATIENCE_S)

    def finish(self):
        self.is_stopping = True
        self.join()
        return {'sent': self.sent, 'acknowledged': self.acknowledged}


OPERATIONS = {
    'produce': produce,
    'read': read,
    'join': join,
    'look': lambda member: members[member].look(),
    'leave': leave,
    'open': open_producer,
    'begin': lambda producer: producers[producer].begin_transaction(),
    'send': send,
    'commit': lambda producer: producers[producer].commit_transaction(),
    'abort': lambda producer: producers[producer].abort_transaction(),
    'close': lambda producer: producers.pop(producer).close(PATIENCE_S),
    'copy': copy,
    'stream': lambda topic: streams.__setitem__(topic, Stream(topic)),
    'finish': lambda topic: streams.pop(topic).finish(),
    **administration(ADDRESS, IS_OLD),
}


def code_of(error):
    code = getattr(error, 'errno', None)
    return -1 if code is None else code


serve(OPERATIONS, code_of)
