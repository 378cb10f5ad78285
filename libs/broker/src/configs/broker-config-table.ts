import type { ConfigType } from './config-source.ts';

/** One broker configuration as Kafka 4.3 has it. */
export interface BrokerConfigKey {
  readonly name: string;
  readonly type: ConfigType;
  /** Null where Kafka has none. */
  readonly default: string | null;
  /** Kafka changes it while it runs; here, too, where it has an effect at all. */
  readonly isDynamic: boolean;
}

/**
 * Name, when it can change, type, default. Left out are the families of what does not exist here: tiered storage, share and
 * streams groups, the KRaft quorum, quotas.
 */
const table = `
add.partitions.to.txn.retry.backoff.max.ms static int 100
add.partitions.to.txn.retry.backoff.ms static int 20
advertised.listeners static list
alter.config.policy.class.name static class
authorizer.class.name static string
auto.create.topics.enable static boolean true
auto.leader.rebalance.enable static boolean true
background.threads dynamic int 10
broker.heartbeat.interval.ms static int 2000
broker.id static int -1
broker.rack static string
broker.session.timeout.ms static int 9000
client.quota.callback.class static class
compression.gzip.level dynamic int -1
compression.lz4.level dynamic int 9
compression.type dynamic string producer
compression.zstd.level dynamic int 3
config.providers static list
connection.failed.authentication.delay.ms static int 100
connections.max.idle.ms static long 600000
connections.max.reauth.ms static long 0
controlled.shutdown.enable static boolean true
controller.listener.names static list
controller.socket.timeout.ms static int 30000
create.topic.policy.class.name static class
default.replication.factor static int 1
delegation.token.expiry.check.interval.ms static long 3600000
delegation.token.expiry.time.ms static long 86400000
delegation.token.max.lifetime.ms static long 604800000
delegation.token.secret.key static password
delete.records.purgatory.purge.interval.requests static int 1
delete.topic.enable static boolean true
early.start.listeners static list
fetch.max.bytes static int 57671680
fetch.purgatory.purge.interval.requests static int 1000
group.consumer.assignment.interval.ms dynamic int 1000
group.consumer.assignors static list uniform,range
group.consumer.heartbeat.interval.ms static int 5000
group.consumer.max.assignment.interval.ms static int 15000
group.consumer.max.heartbeat.interval.ms static int 15000
group.consumer.max.session.timeout.ms static int 60000
group.consumer.max.size static int 2147483647
group.consumer.migration.policy static string bidirectional
group.consumer.min.assignment.interval.ms static int 0
group.consumer.min.heartbeat.interval.ms static int 5000
group.consumer.min.session.timeout.ms static int 45000
group.consumer.session.timeout.ms static int 45000
group.coordinator.append.linger.ms static int -1
group.coordinator.background.threads static int 2
group.coordinator.cached.buffer.max.bytes dynamic int 1048588
group.coordinator.rebalance.protocols static list classic,consumer,streams
group.coordinator.threads static int 4
group.initial.rebalance.delay.ms static int 3000
group.max.session.timeout.ms static int 1800000
group.max.size static int 2147483647
group.min.session.timeout.ms static int 6000
initial.broker.registration.timeout.ms static int 60000
inter.broker.listener.name static string
kafka.metrics.polling.interval.secs static int 10
kafka.metrics.reporters static list
leader.imbalance.check.interval.seconds static long 300
listener.security.protocol.map static string SASL_SSL:SASL_SSL,PLAINTEXT:PLAINTEXT,SSL:SSL,SASL_PLAINTEXT:SASL_PLAINTEXT
listeners static list PLAINTEXT://:9092
log.cleaner.backoff.ms dynamic long 15000
log.cleaner.dedupe.buffer.size dynamic long 134217728
log.cleaner.delete.retention.ms dynamic long 86400000
log.cleaner.enable static boolean true
log.cleaner.io.buffer.load.factor dynamic double 0.9
log.cleaner.io.buffer.size dynamic int 524288
log.cleaner.io.max.bytes.per.second dynamic double 1.7976931348623157E308
log.cleaner.max.compaction.lag.ms dynamic long 9223372036854775807
log.cleaner.min.cleanable.ratio dynamic double 0.5
log.cleaner.min.compaction.lag.ms dynamic long 0
log.cleaner.threads dynamic int 1
log.cleanup.policy dynamic list delete
log.dir static list /tmp/kafka-logs
log.dir.failure.timeout.ms static long 30000
log.dirs static list
log.flush.interval.messages dynamic long 9223372036854775807
log.flush.interval.ms dynamic long
log.flush.offset.checkpoint.interval.ms static int 60000
log.flush.scheduler.interval.ms static long 9223372036854775807
log.flush.start.offset.checkpoint.interval.ms static int 60000
log.index.interval.bytes dynamic int 4096
log.index.size.max.bytes dynamic int 10485760
log.local.retention.bytes dynamic long -2
log.local.retention.ms dynamic long -2
log.message.timestamp.after.max.ms dynamic long 3600000
log.message.timestamp.before.max.ms dynamic long 9223372036854775807
log.message.timestamp.type dynamic string CreateTime
log.preallocate dynamic boolean false
log.retention.bytes dynamic long -1
log.retention.check.interval.ms static long 300000
log.retention.hours static int 168
log.retention.minutes static int
log.retention.ms dynamic long
log.roll.hours static int 168
log.roll.jitter.hours static int 0
log.roll.jitter.ms dynamic long
log.roll.ms dynamic long
log.segment.bytes dynamic int 1073741824
log.segment.delete.delay.ms dynamic long 60000
max.connection.creation.rate dynamic int 2147483647
max.connections dynamic int 2147483647
max.connections.per.ip dynamic int 2147483647
max.connections.per.ip.overrides dynamic string
max.incremental.fetch.session.cache.slots static int 1000
max.request.partition.size.limit static int 2000
message.max.bytes dynamic int 1048588
metric.reporters static list
metrics.num.samples static int 2
metrics.recording.level static string INFO
metrics.sample.window.ms static long 30000
min.insync.replicas dynamic int 1
node.id static int
num.io.threads dynamic int 8
num.network.threads dynamic int 3
num.partitions static int 1
num.recovery.threads.per.data.dir dynamic int 2
num.replica.alter.log.dirs.threads static int
num.replica.fetchers dynamic int 1
offset.metadata.max.bytes static int 4096
offsets.commit.timeout.ms static int 5000
offsets.load.buffer.size static int 5242880
offsets.retention.check.interval.ms static long 600000
offsets.retention.minutes static int 10080
offsets.topic.compression.codec static int 0
offsets.topic.num.partitions static int 50
offsets.topic.replication.factor static short 3
offsets.topic.segment.bytes static int 104857600
principal.builder.class static class
process.roles static list
producer.id.expiration.ms dynamic int 86400000
producer.purgatory.purge.interval.requests static int 1000
queued.max.request.bytes static long -1
queued.max.requests static int 500
replica.fetch.backoff.ms static int 1000
replica.fetch.max.bytes static int 1048576
replica.fetch.min.bytes static int 1
replica.fetch.response.max.bytes static int 10485760
replica.fetch.wait.max.ms static int 500
replica.high.watermark.checkpoint.interval.ms static long 5000
replica.lag.time.max.ms static long 30000
replica.selector.class static string
replica.socket.receive.buffer.bytes static int 65536
replica.socket.timeout.ms static int 30000
request.timeout.ms static int 30000
sasl.client.callback.handler.class static class
sasl.enabled.mechanisms static list GSSAPI
sasl.jaas.config static password
sasl.kerberos.kinit.cmd dynamic string /usr/bin/kinit
sasl.kerberos.min.time.before.relogin dynamic long 60000
sasl.kerberos.principal.to.local.rules dynamic list DEFAULT
sasl.kerberos.service.name dynamic string
sasl.kerberos.ticket.renew.jitter dynamic double 0.05
sasl.kerberos.ticket.renew.window.factor dynamic double 0.8
sasl.mechanism.controller.protocol static string GSSAPI
sasl.mechanism.inter.broker.protocol static string GSSAPI
sasl.oauthbearer.client.credentials.client.id static string
sasl.oauthbearer.client.credentials.client.secret static password
sasl.oauthbearer.clock.skew.seconds static int 30
sasl.oauthbearer.expected.audience static list
sasl.oauthbearer.expected.issuer static string
sasl.oauthbearer.jwks.endpoint.refresh.ms static long 3600000
sasl.oauthbearer.jwks.endpoint.retry.backoff.max.ms static long 10000
sasl.oauthbearer.jwks.endpoint.retry.backoff.ms static long 100
sasl.oauthbearer.jwks.endpoint.url static string
sasl.oauthbearer.jwt.retriever.class static class
sasl.oauthbearer.jwt.validator.class static class
sasl.oauthbearer.scope static string
sasl.oauthbearer.scope.claim.name static string scope
sasl.oauthbearer.sub.claim.name static string sub
sasl.oauthbearer.token.endpoint.url static string
sasl.server.callback.handler.class static class
sasl.server.max.receive.size static int 524288
security.inter.broker.protocol static string PLAINTEXT
security.providers static string
socket.connection.setup.timeout.max.ms static long 30000
socket.connection.setup.timeout.ms static long 10000
socket.listen.backlog.size static int 50
socket.receive.buffer.bytes static int 102400
socket.request.max.bytes static int 104857600
socket.send.buffer.bytes static int 102400
ssl.allow.dn.changes static boolean false
ssl.allow.san.changes static boolean false
ssl.cipher.suites static list
ssl.client.auth static string none
ssl.enabled.protocols static list TLSv1.2,TLSv1.3
ssl.endpoint.identification.algorithm static string https
ssl.engine.factory.class static class
ssl.key.password static password
ssl.keymanager.algorithm static string SunX509
ssl.keystore.certificate.chain static password
ssl.keystore.key static password
ssl.keystore.location static string
ssl.keystore.password static password
ssl.keystore.type static string JKS
ssl.principal.mapping.rules static string DEFAULT
ssl.protocol static string TLSv1.3
ssl.provider static string
ssl.secure.random.implementation static string
ssl.trustmanager.algorithm static string PKIX
ssl.truststore.certificates static password
ssl.truststore.location static string
ssl.truststore.password static password
ssl.truststore.type static string JKS
transaction.abort.timed.out.transaction.cleanup.interval.ms static int 10000
transaction.max.timeout.ms static int 900000
transaction.partition.verification.enable dynamic boolean true
transaction.remove.expired.transaction.cleanup.interval.ms static int 3600000
transaction.state.log.load.buffer.size static int 5242880
transaction.state.log.min.isr static int 2
transaction.state.log.num.partitions static int 50
transaction.state.log.replication.factor static short 3
transaction.state.log.segment.bytes static int 104857600
transaction.two.phase.commit.enable static boolean false
transactional.id.expiration.ms static int 604800000
unclean.leader.election.enable dynamic boolean false
`;

export const brokerConfigKeys: readonly BrokerConfigKey[] = table
  .trim()
  .split('\n')
  .map((line) => {
    const [name = '', change, type, value] = line.split(' ');
    return { name, type: type as ConfigType, default: value ?? null, isDynamic: change === 'dynamic' };
  });
