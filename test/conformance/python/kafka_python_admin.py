"""The admin client of kafka-python, whose methods and answers are others in 2.0.2 than today."""

from kafka import KafkaConsumer, TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType, KafkaAdminClient, NewPartitions, NewTopic
from kafka.errors import NodeNotReadyError, for_code
from kafka.structs import OffsetAndMetadata

SET_ON_TOPIC = 1


def administration(address, is_old):
    """The operations, whose admin client the first of them opens."""
    admin = (OldAdmin if is_old else Admin)(address)
    names = [name for name in dir(admin) if not name.startswith('_') and callable(getattr(admin, name))]
    return {name: admin._reconnecting(getattr(admin, name)) for name in names}


def check(code):
    if code != 0:
        raise for_code(code)()


class Admin:
    def __init__(self, address):
        self._address, self._opened = address, None

    @property
    def _client(self):
        self._opened = self._opened or KafkaAdminClient(bootstrap_servers=self._address)
        return self._opened

    def _reconnecting(self, operation):
        def called(**args):
            try:
                return operation(**args)
            except NodeNotReadyError:
                # Its broker has gone, and it does not look for it again.
                self._opened.close()
                self._opened = None
                return operation(**args)

        return called

    def createTopic(self, topic, partitions, configs={}):
        self._client.create_topics([NewTopic(topic, partitions, 1, topic_configs=configs)])

    def createPartitions(self, topic, count):
        self._client.create_partitions({topic: NewPartitions(count)})

    def partitions(self, topic):
        [found] = self._client.describe_topics([topic])
        return len(found['partitions'])

    def listTopics(self):
        return list(self._client.list_topics())

    def deleteTopic(self, topic):
        self._client.delete_topics([topic])

    def describeConfigs(self, topic):
        resource = ConfigResource(ConfigResourceType.TOPIC, topic)
        found = self._client.describe_configs([resource], config_filter='all')
        return {name: config['value'] for name, config in found['topic'][topic].items()}

    def alterConfigs(self, topic, configs):
        self._client.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, configs)])

    def listOffsets(self, topic, partition, at):
        from kafka.protocol.consumer.offsets import OffsetSpec

        specs = {'earliest': OffsetSpec.EARLIEST, 'latest': OffsetSpec.LATEST, 'max': OffsetSpec.MAX_TIMESTAMP}
        where = TopicPartition(topic, partition)
        return self._client.list_partition_offsets({where: specs.get(at, at)})[where].offset

    def deleteRecords(self, topic, partition, before):
        self._client.delete_records({TopicPartition(topic, partition): before})

    def listGroups(self):
        return [each['group_id'] for each in self._client.list_groups()]

    def describeGroup(self, group):
        found = self._client.describe_groups([group])[group]
        return {'state': str(found['group_state']), 'members': len(found['members'])}

    def groupOffsets(self, group):
        return offsets_of(self._client.list_group_offsets(group)[group])

    def alterGroupOffsets(self, group, topic, partition, offset):
        self._client.alter_group_offsets(group, {TopicPartition(topic, partition): OffsetAndMetadata(offset, '', -1)})

    def deleteGroup(self, group):
        answer = self._client.delete_groups([group])
        if answer[group] != 'OK':
            raise RuntimeError(f'expected {group} to be deleted, found {answer[group]}')


class OldAdmin(Admin):
    def describeConfigs(self, topic):
        return {name: value for name, value, *_ in self._entries(topic)}

    def alterConfigs(self, topic, configs):
        # It has only the older call, which replaces all.
        kept = {name: value for name, value, _, source, *_ in self._entries(topic) if source == SET_ON_TOPIC}
        resource = ConfigResource(ConfigResourceType.TOPIC, topic, {**kept, **configs})
        check(self._client.alter_configs([resource]).resources[0][0])

    def listOffsets(self, topic, partition, at):
        consumer, where = KafkaConsumer(bootstrap_servers=self._address), TopicPartition(topic, partition)
        try:
            if at == 'earliest':
                return consumer.beginning_offsets([where])[where]
            if at == 'latest':
                return consumer.end_offsets([where])[where]
            return consumer.offsets_for_times({where: at})[where].offset
        finally:
            consumer.close()

    def listGroups(self):
        return [group for group, _ in self._client.list_consumer_groups()]

    def describeGroup(self, group):
        [found] = self._client.describe_consumer_groups([group])
        return {'state': found.state, 'members': len(found.members)}

    def groupOffsets(self, group):
        return offsets_of(self._client.list_consumer_group_offsets(group))

    def alterGroupOffsets(self, group, topic, partition, offset):
        # As a consumer of the group that is no member of it.
        consumer, where = KafkaConsumer(bootstrap_servers=self._address, group_id=group), TopicPartition(topic, partition)
        consumer.assign([where])
        consumer.commit({where: OffsetAndMetadata(offset, 'by hand')})
        consumer.close(autocommit=False)

    def deleteGroup(self, group):
        [(_, error)] = self._client.delete_consumer_groups([group])
        check(error.errno)

    def _entries(self, topic):
        [response] = self._client.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic)])
        code, message, _, _, entries = response.resources[0]
        check(code)
        return entries


def offsets_of(found):
    return [[where.topic, where.partition, offset.offset] for where, offset in found.items()]
