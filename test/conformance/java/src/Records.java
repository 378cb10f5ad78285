import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** Producing and reading without a group. */
final class Records {
  private static final int MAX_REQUEST = 8 * 1024 * 1024;
  private static final long PATIENCE_MS = 30_000;
  private final String address;
  private final Map<String, Stream> streams = new HashMap<>();

  Records(String address) {
    this.address = address;
  }

  void offer(Map<String, Agent.Operation> operations) {
    operations.put("produce", this::produce);
    operations.put("read", this::read);
    operations.put("stream", this::stream);
    operations.put("finish", args -> streams.remove(args.get("topic").asText()).finish());
  }

  static Properties producerSettings(String address) {
    Properties settings = new Properties();
    settings.put("bootstrap.servers", address);
    settings.put("key.serializer", StringSerializer.class.getName());
    settings.put("value.serializer", StringSerializer.class.getName());
    settings.put("max.request.size", MAX_REQUEST);
    return settings;
  }

  static Properties consumerSettings(String address) {
    Properties settings = new Properties();
    settings.put("bootstrap.servers", address);
    settings.put("key.deserializer", StringDeserializer.class.getName());
    settings.put("value.deserializer", StringDeserializer.class.getName());
    settings.put("auto.offset.reset", "earliest");
    settings.put("enable.auto.commit", "false");
    return settings;
  }

  static Map<String, Object> view(ConsumerRecord<String, String> record) {
    Map<String, Object> view = new HashMap<>();
    view.put("partition", record.partition());
    view.put("offset", record.offset());
    view.put("timestamp", record.timestamp());
    view.put("key", record.key());
    view.put("value", record.value());
    List<List<String>> headers = new ArrayList<>();
    for (Header header : record.headers()) {
      headers.add(List.of(header.key(), new String(header.value(), StandardCharsets.UTF_8)));
    }
    view.put("headers", headers);
    return view;
  }

  private Object produce(JsonNode args) throws Exception {
    Properties settings = producerSettings(address);
    int acks = args.path("acks").asInt(-1);
    settings.put("acks", String.valueOf(acks));
    settings.put("enable.idempotence", acks == -1);
    settings.put("compression.type", args.path("codec").asText("none"));
    // So that many records make one batch.
    settings.put("linger.ms", "20");
    try (KafkaProducer<String, String> producer = new KafkaProducer<>(settings)) {
      List<Future<RecordMetadata>> sent = new ArrayList<>();
      for (JsonNode record : args.get("records")) sent.add(producer.send(recordOf(args.get("topic").asText(), record)));
      producer.flush();
      List<Map<String, Object>> placed = new ArrayList<>();
      for (Future<RecordMetadata> each : sent) {
        RecordMetadata metadata = each.get();
        placed.add(Map.of("partition", metadata.partition(), "offset", metadata.offset()));
      }
      return acks == 0 ? List.of() : placed;
    }
  }

  private static ProducerRecord<String, String> recordOf(String topic, JsonNode record) {
    Long timestamp = record.has("timestamp") ? record.get("timestamp").asLong() : null;
    String key = record.hasNonNull("key") ? record.get("key").asText() : null;
    String value = record.hasNonNull("value") ? record.get("value").asText() : null;
    ProducerRecord<String, String> result =
        new ProducerRecord<>(topic, record.get("partition").asInt(), timestamp, key, value);
    for (JsonNode header : record.path("headers")) {
      result.headers().add(header.get(0).asText(), header.get(1).asText().getBytes(StandardCharsets.UTF_8));
    }
    return result;
  }

  private Object read(JsonNode args) {
    Properties settings = consumerSettings(address);
    settings.put("isolation.level", args.path("committed").asBoolean() ? "read_committed" : "read_uncommitted");
    int count = args.get("count").asInt();
    try (KafkaConsumer<String, String> consumer = new KafkaConsumer<>(settings)) {
      TopicPartition partition = new TopicPartition(args.get("topic").asText(), args.get("partition").asInt());
      consumer.assign(List.of(partition));
      consumer.seek(partition, args.get("from").asLong());
      List<Object> seen = new ArrayList<>();
      long deadline = System.currentTimeMillis() + PATIENCE_MS;
      while (seen.size() < count) {
        if (System.currentTimeMillis() > deadline) {
          throw new IllegalStateException("expected " + count + " records, found " + seen.size());
        }
        for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofMillis(100))) {
          if (seen.size() < count) seen.add(view(record));
        }
      }
      return seen;
    }
  }

  private Object stream(JsonNode args) {
    String topic = args.get("topic").asText();
    streams.put(topic, new Stream(address, topic));
    return null;
  }

  private static final class Stream {
    private final KafkaProducer<String, String> producer;
    private final AtomicInteger acknowledged = new AtomicInteger();
    private final Thread thread;
    private volatile boolean isStopping;
    private int sent;

    Stream(String address, String topic) {
      Properties settings = producerSettings(address);
      settings.put("reconnect.backoff.max.ms", "200");
      producer = new KafkaProducer<>(settings);
      thread = new Thread(() -> run(topic));
      thread.start();
    }

    private void run(String topic) {
      while (!isStopping) {
        producer.send(
            new ProducerRecord<>(topic, 0, null, String.valueOf(sent++)),
            (metadata, error) -> {
              if (error == null) acknowledged.incrementAndGet();
              else System.err.println(error);
            });
        try {
          Thread.sleep(1);
        } catch (InterruptedException interrupted) {
          return;
        }
      }
    }

    Object finish() throws InterruptedException {
      isStopping = true;
      thread.join();
      producer.close();
      return Map.of("sent", sent, "acknowledged", acknowledged.get());
    }
  }
}
