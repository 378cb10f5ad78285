import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.ConsumerGroupListing;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;

/** The Admin client, opened by the first operation that needs it. */
final class Administration {
  private final String address;
  private Admin admin;

  Administration(String address) {
    this.address = address;
  }

  void offer(Map<String, Agent.Operation> operations) {
    operations.put("createTopic", this::createTopic);
    operations.put("createPartitions", args -> {
      NewPartitions partitions = NewPartitions.increaseTo(args.get("count").asInt());
      return admin().createPartitions(Map.of(topic(args), partitions)).all().get();
    });
    operations.put("partitions", args ->
        admin().describeTopics(List.of(topic(args))).allTopicNames().get().get(topic(args)).partitions().size());
    operations.put("listTopics", args -> admin().listTopics().names().get());
    operations.put("describeConfigs", this::describeConfigs);
    operations.put("alterConfigs", this::alterConfigs);
    operations.put("listOffsets", this::listOffsets);
    operations.put("deleteRecords", args -> {
      RecordsToDelete records = RecordsToDelete.beforeOffset(args.get("before").asLong());
      return admin().deleteRecords(Map.of(partition(args), records)).all().get();
    });
    operations.put("deleteTopic", args -> admin().deleteTopics(List.of(topic(args))).all().get());
    operations.put("listGroups", args -> {
      List<String> groups = new ArrayList<>();
      for (ConsumerGroupListing each : admin().listConsumerGroups().all().get()) groups.add(each.groupId());
      return groups;
    });
    operations.put("describeGroup", args -> {
      ConsumerGroupDescription found =
          admin().describeConsumerGroups(List.of(group(args))).all().get().get(group(args));
      return Map.of("state", found.state().toString(), "members", found.members().size());
    });
    operations.put("groupOffsets", this::groupOffsets);
    operations.put("alterGroupOffsets", args -> {
      OffsetAndMetadata offset = new OffsetAndMetadata(args.get("offset").asLong(), Optional.empty(), "by hand");
      return admin().alterConsumerGroupOffsets(group(args), Map.of(partition(args), offset)).all().get();
    });
    operations.put("deleteGroup", args -> admin().deleteConsumerGroups(List.of(group(args))).all().get());
  }

  private Admin admin() {
    if (admin == null) {
      Properties settings = new Properties();
      settings.put("bootstrap.servers", address);
      admin = Admin.create(settings);
    }
    return admin;
  }

  private static String topic(JsonNode args) {
    return args.get("topic").asText();
  }

  private static String group(JsonNode args) {
    return args.get("group").asText();
  }

  private static TopicPartition partition(JsonNode args) {
    return new TopicPartition(topic(args), args.get("partition").asInt());
  }

  private Object createTopic(JsonNode args) throws Exception {
    Map<String, String> configs = new HashMap<>();
    args.path("configs").fields().forEachRemaining(each -> configs.put(each.getKey(), each.getValue().asText()));
    NewTopic topic = new NewTopic(topic(args), args.get("partitions").asInt(), (short) 1).configs(configs);
    return admin().createTopics(List.of(topic)).all().get();
  }

  private Object describeConfigs(JsonNode args) throws Exception {
    ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic(args));
    Map<String, String> configs = new HashMap<>();
    for (ConfigEntry entry : admin().describeConfigs(List.of(resource)).all().get().get(resource).entries()) {
      configs.put(entry.name(), entry.value());
    }
    return configs;
  }

  private Object alterConfigs(JsonNode args) throws Exception {
    ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic(args));
    List<AlterConfigOp> operations = new ArrayList<>();
    args.get("configs").fields().forEachRemaining(each -> {
      ConfigEntry entry = new ConfigEntry(each.getKey(), each.getValue().asText());
      operations.add(new AlterConfigOp(entry, AlterConfigOp.OpType.SET));
    });
    return admin().incrementalAlterConfigs(Map.of(resource, operations)).all().get();
  }

  private Object listOffsets(JsonNode args) throws Exception {
    String at = args.get("at").asText();
    OffsetSpec spec = switch (at) {
      case "earliest" -> OffsetSpec.earliest();
      case "latest" -> OffsetSpec.latest();
      case "max" -> OffsetSpec.maxTimestamp();
      default -> OffsetSpec.forTimestamp(Long.parseLong(at));
    };
    return admin().listOffsets(Map.of(partition(args), spec)).partitionResult(partition(args)).get().offset();
  }

  private Object groupOffsets(JsonNode args) throws Exception {
    List<List<Object>> offsets = new ArrayList<>();
    admin()
        .listConsumerGroupOffsets(group(args))
        .partitionsToOffsetAndMetadata()
        .get()
        .forEach((where, offset) -> offsets.add(List.of(where.topic(), where.partition(), offset.offset())));
    return offsets;
  }
}
