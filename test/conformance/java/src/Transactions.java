import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import java.util.ArrayList;
import java.util.concurrent.Future;

/** Transactional producers, and consuming, processing, producing with one. */
final class Transactions {
  private final String address;
  private final Map<String, KafkaProducer<String, String>> producers = new HashMap<>();

  Transactions(String address) {
    this.address = address;
  }

  void offer(Map<String, Agent.Operation> operations) {
    operations.put("open", args -> {
      int timeoutMs = args.path("timeoutMs").asInt(60_000);
      producers.put(args.get("producer").asText(), open(args.get("transactionalId").asText(), timeoutMs));
      return null;
    });
    operations.put("begin", args -> {
      producer(args).beginTransaction();
      return null;
    });
    operations.put("send", this::send);
    operations.put("commit", args -> {
      producer(args).commitTransaction();
      return null;
    });
    operations.put("abort", args -> {
      producer(args).abortTransaction();
      return null;
    });
    operations.put("close", args -> {
      producers.remove(args.get("producer").asText()).close(Duration.ofSeconds(1));
      return null;
    });
    operations.put("copy", this::copy);
  }

  private KafkaProducer<String, String> open(String transactionalId, int timeoutMs) {
    Properties settings = Records.producerSettings(address);
    settings.put("transactional.id", transactionalId);
    settings.put("transaction.timeout.ms", timeoutMs);
    KafkaProducer<String, String> producer = new KafkaProducer<>(settings);
    producer.initTransactions();
    return producer;
  }

  private KafkaProducer<String, String> producer(JsonNode args) {
    return producers.get(args.get("producer").asText());
  }

  private Object send(JsonNode args) throws Exception {
    List<Future<RecordMetadata>> sent = new ArrayList<>();
    for (JsonNode value : args.get("values")) {
      sent.add(
          producer(args)
              .send(
                  new ProducerRecord<>(
                      args.get("topic").asText(), args.get("partition").asInt(), null, value.asText())));
    }
    producer(args).flush();
    for (Future<RecordMetadata> each : sent) each.get();
    return null;
  }

  private Object copy(JsonNode args) throws Exception {
    int count = args.get("count").asInt();
    int abortEvery = args.get("abortEvery").asInt();
    Properties settings = Records.consumerSettings(address);
    settings.put("group.id", args.get("group").asText());
    settings.put("max.poll.records", "20");
    int committed = 0;
    int aborted = 0;
    try (KafkaConsumer<String, String> consumer = new KafkaConsumer<>(settings);
        KafkaProducer<String, String> producer = open(args.get("transactionalId").asText(), 60_000)) {
      consumer.subscribe(List.of(args.get("source").asText()));
      while (committed < count) {
        ConsumerRecords<String, String> records = consumer.poll(Duration.ofMillis(100));
        if (records.isEmpty()) continue;
        producer.beginTransaction();
        Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
        for (ConsumerRecord<String, String> record : records) {
          producer.send(new ProducerRecord<>(args.get("target").asText(), 0, null, record.value()));
          TopicPartition from = new TopicPartition(record.topic(), record.partition());
          offsets.put(from, new OffsetAndMetadata(record.offset() + 1));
        }
        producer.sendOffsetsToTransaction(offsets, consumer.groupMetadata());
        if ((committed / 20 + aborted + 1) % abortEvery == 0) {
          producer.abortTransaction();
          aborted++;
          rewind(consumer);
        } else {
          producer.commitTransaction();
          committed += records.count();
        }
      }
    }
    return Map.of("committed", committed, "aborted", aborted);
  }

  private static void rewind(KafkaConsumer<String, String> consumer) {
    Map<TopicPartition, OffsetAndMetadata> committed = consumer.committed(consumer.assignment());
    for (TopicPartition each : consumer.assignment()) {
      OffsetAndMetadata offset = committed.get(each);
      consumer.seek(each, offset == null ? 0 : offset.offset());
    }
  }
}
