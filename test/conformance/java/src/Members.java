import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RebalanceInProgressException;
import org.apache.kafka.clients.consumer.CommitFailedException;

/** Members of consumer groups, each in a thread of its own. */
final class Members {
  private static final Map<String, String> ASSIGNORS =
      Map.of(
          "range", "org.apache.kafka.clients.consumer.RangeAssignor",
          "roundrobin", "org.apache.kafka.clients.consumer.RoundRobinAssignor",
          "sticky", "org.apache.kafka.clients.consumer.StickyAssignor",
          "cooperative", "org.apache.kafka.clients.consumer.CooperativeStickyAssignor");
  private final String address;
  private final Map<String, Member> members = new HashMap<>();

  Members(String address) {
    this.address = address;
  }

  void offer(Map<String, Agent.Operation> operations) {
    operations.put("join", this::join);
    operations.put("look", args -> members.get(args.get("member").asText()).look());
    operations.put("leave", args -> members.remove(args.get("member").asText()).leave());
  }

  private Object join(JsonNode args) {
    Properties settings = Records.consumerSettings(address);
    settings.put("group.id", args.get("group").asText());
    settings.put("heartbeat.interval.ms", "200");
    settings.put("session.timeout.ms", "10000");
    settings.put("reconnect.backoff.max.ms", "200");
    settings.put("partition.assignment.strategy", ASSIGNORS.get(args.get("strategy").asText()));
    if (args.has("instanceId")) settings.put("group.instance.id", args.get("instanceId").asText());
    List<String> topics = new ArrayList<>();
    for (JsonNode topic : args.get("topics")) topics.add(topic.asText());
    members.put(args.get("member").asText(), new Member(settings, topics));
    return null;
  }

  private static final class Member {
    private final List<Object> seen = new ArrayList<>();
    private final Thread thread;
    private List<List<Object>> assignment = List.of();
    private volatile boolean isLeaving;
    private Integer error;

    Member(Properties settings, List<String> topics) {
      thread = new Thread(() -> run(settings, topics));
      thread.start();
    }

    private void run(Properties settings, List<String> topics) {
      try (KafkaConsumer<String, String> consumer = new KafkaConsumer<>(settings)) {
        consumer.subscribe(topics);
        while (!isLeaving) {
          ConsumerRecords<String, String> records = consumer.poll(Duration.ofMillis(50));
          take(records, consumer);
          try {
            if (!records.isEmpty()) consumer.commitSync();
          } catch (RebalanceInProgressException | CommitFailedException moved) {
            // The next poll joins again; a cooperative member keeps its position, another reads the records again.
          }
        }
      } catch (Exception thrown) {
        synchronized (this) {
          error = Agent.codeOf(thrown);
        }
      }
    }

    private synchronized void take(ConsumerRecords<String, String> records, KafkaConsumer<String, String> consumer) {
      for (ConsumerRecord<String, String> record : records) seen.add(Records.view(record));
      List<TopicPartition> owned = new ArrayList<>(consumer.assignment());
      owned.sort(Comparator.comparing(TopicPartition::topic).thenComparing(TopicPartition::partition));
      assignment = new ArrayList<>();
      for (TopicPartition each : owned) assignment.add(List.of(each.topic(), each.partition()));
    }

    synchronized Object look() {
      Map<String, Object> view = new HashMap<>(Map.of("assignment", assignment, "seen", new ArrayList<>(seen)));
      if (error != null) view.put("error", error);
      return view;
    }

    Object leave() throws InterruptedException {
      isLeaving = true;
      thread.join();
      return null;
    }
  }
}
