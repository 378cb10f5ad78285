package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/segmentio/kafka-go"
)

// What the admin part of its client knows; it cannot delete records.
func (k *kafkaGo) administer(offered operations) {
	ctx := context.Background()
	offered["createTopic"] = func(args arguments) (any, error) {
		topic := kafka.TopicConfig{Topic: args.Topic, NumPartitions: int(args.Partitions), ReplicationFactor: 1}
		for name, value := range args.Configs {
			topic.ConfigEntries = append(topic.ConfigEntries, kafka.ConfigEntry{ConfigName: name, ConfigValue: value})
		}
		answer, err := k.client.CreateTopics(ctx, &kafka.CreateTopicsRequest{Topics: []kafka.TopicConfig{topic}})
		if err != nil {
			return nil, err
		}
		return nil, answer.Errors[args.Topic]
	}
	offered["createPartitions"] = func(args arguments) (any, error) {
		topics := []kafka.TopicPartitionsConfig{{Name: args.Topic, Count: int32(args.Count)}}
		answer, err := k.client.CreatePartitions(ctx, &kafka.CreatePartitionsRequest{Topics: topics})
		if err != nil {
			return nil, err
		}
		return nil, answer.Errors[args.Topic]
	}
	offered["partitions"] = func(args arguments) (any, error) {
		answer, err := k.client.Metadata(ctx, &kafka.MetadataRequest{Topics: []string{args.Topic}})
		if err != nil {
			return nil, err
		}
		return len(answer.Topics[0].Partitions), nil
	}
	offered["listTopics"] = func(args arguments) (any, error) {
		answer, err := k.client.Metadata(ctx, &kafka.MetadataRequest{})
		if err != nil {
			return nil, err
		}
		names := []string{}
		for _, topic := range answer.Topics {
			names = append(names, topic.Name)
		}
		return names, nil
	}
	offered["deleteTopic"] = func(args arguments) (any, error) {
		answer, err := k.client.DeleteTopics(ctx, &kafka.DeleteTopicsRequest{Topics: []string{args.Topic}})
		if err != nil {
			return nil, err
		}
		return nil, answer.Errors[args.Topic]
	}
	offered["describeConfigs"] = func(args arguments) (any, error) {
		resources := []kafka.DescribeConfigRequestResource{{ResourceType: kafka.ResourceTypeTopic, ResourceName: args.Topic}}
		answer, err := k.client.DescribeConfigs(ctx, &kafka.DescribeConfigsRequest{Resources: resources})
		if err != nil {
			return nil, err
		}
		configs := map[string]string{}
		for _, entry := range answer.Resources[0].ConfigEntries {
			configs[entry.ConfigName] = entry.ConfigValue
		}
		return configs, answer.Resources[0].Error
	}
	offered["alterConfigs"] = func(args arguments) (any, error) {
		resource := kafka.IncrementalAlterConfigsRequestResource{ResourceType: kafka.ResourceTypeTopic, ResourceName: args.Topic}
		for name, value := range args.Configs {
			set := kafka.IncrementalAlterConfigsRequestConfig{Name: name, Value: value, ConfigOperation: kafka.ConfigOperationSet}
			resource.Configs = append(resource.Configs, set)
		}
		answer, err := k.client.IncrementalAlterConfigs(ctx, &kafka.IncrementalAlterConfigsRequest{
			Resources: []kafka.IncrementalAlterConfigsRequestResource{resource},
		})
		if err != nil {
			return nil, err
		}
		return nil, answer.Resources[0].Error
	}
	offered["listOffsets"] = k.listOffsets
	offered["listGroups"] = func(args arguments) (any, error) {
		answer, err := k.client.ListGroups(ctx, &kafka.ListGroupsRequest{})
		if err != nil {
			return nil, err
		}
		names := []string{}
		for _, group := range answer.Groups {
			names = append(names, group.GroupID)
		}
		return names, answer.Error
	}
	offered["describeGroup"] = func(args arguments) (any, error) {
		answer, err := k.client.DescribeGroups(ctx, &kafka.DescribeGroupsRequest{GroupIDs: []string{args.Group}})
		if err != nil {
			return nil, err
		}
		found := answer.Groups[0]
		return map[string]any{"state": found.GroupState, "members": len(found.Members)}, found.Error
	}
	offered["groupOffsets"] = k.groupOffsets
	offered["alterGroupOffsets"] = func(args arguments) (any, error) {
		// As a consumer of the group that is no member of it.
		answer, err := k.client.OffsetCommit(ctx, &kafka.OffsetCommitRequest{
			GroupID: args.Group, GenerationID: -1,
			Topics: map[string][]kafka.OffsetCommit{args.Topic: {{Partition: int(args.Partition), Offset: args.Offset}}},
		})
		if err != nil {
			return nil, err
		}
		return nil, answer.Topics[args.Topic][0].Error
	}
	offered["deleteGroup"] = func(args arguments) (any, error) {
		answer, err := k.client.DeleteGroups(ctx, &kafka.DeleteGroupsRequest{GroupIDs: []string{args.Group}})
		if err != nil {
			return nil, err
		}
		return nil, answer.Errors[args.Group]
	}
}

func (k *kafkaGo) listOffsets(args arguments) (any, error) {
	request := kafka.OffsetRequest{Partition: int(args.Partition)}
	switch at := args.At.(type) {
	case float64:
		request.Timestamp = int64(at)
	case string:
		ends := map[string]int64{"earliest": kafka.FirstOffset, "latest": kafka.LastOffset}
		request.Timestamp = ends[at]
	}
	answer, err := k.client.ListOffsets(context.Background(), &kafka.ListOffsetsRequest{
		Topics: map[string][]kafka.OffsetRequest{args.Topic: {request}},
	})
	if err != nil {
		return nil, err
	}
	found := answer.Topics[args.Topic][0]
	if found.Error != nil {
		return nil, found.Error
	}
	switch request.Timestamp {
	case kafka.FirstOffset:
		return found.FirstOffset, nil
	case kafka.LastOffset:
		return found.LastOffset, nil
	}
	for offset := range found.Offsets {
		return offset, nil
	}
	return -1, nil
}

// It must be told of which topics: of all those that there are.
func (k *kafkaGo) groupOffsets(args arguments) (any, error) {
	ctx := context.Background()
	metadata, err := k.client.Metadata(ctx, &kafka.MetadataRequest{})
	if err != nil {
		return nil, err
	}
	topics := map[string][]int{}
	for _, topic := range metadata.Topics {
		for _, partition := range topic.Partitions {
			topics[topic.Name] = append(topics[topic.Name], partition.ID)
		}
	}
	answer, err := k.client.OffsetFetch(ctx, &kafka.OffsetFetchRequest{GroupID: args.Group, Topics: topics})
	if err != nil {
		return nil, err
	}
	found := [][3]any{}
	for topic, partitions := range answer.Topics {
		for _, partition := range partitions {
			if partition.Error != nil {
				return nil, errors.Join(fmt.Errorf("partition %d of %s", partition.Partition, topic), partition.Error)
			}
			if partition.CommittedOffset >= 0 {
				found = append(found, [3]any{topic, partition.Partition, partition.CommittedOffset})
			}
		}
	}
	return found, answer.Error
}
