package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/IBM/sarama"
)

type saramaClient struct {
	address   string
	producers map[string]sarama.AsyncProducer
	streams   map[string]func() (any, error)
	admin     sarama.ClusterAdmin
	client    sarama.Client
}

func openSarama(address string) (operations, func(error) int) {
	s := &saramaClient{address: address, producers: map[string]sarama.AsyncProducer{}, streams: map[string]func() (any, error){}}
	offered := operations{
		"produce": s.produce, "read": s.read, "stream": s.stream,
		"finish": func(args arguments) (any, error) { return s.streams[args.Topic]() },
		"open":   s.open, "send": s.send, "copy": s.copy,
		"begin":  func(args arguments) (any, error) { return nil, s.producers[args.Producer].BeginTxn() },
		"commit": func(args arguments) (any, error) { return nil, s.producers[args.Producer].CommitTxn() },
		"abort":  func(args arguments) (any, error) { return nil, s.producers[args.Producer].AbortTxn() },
		"close": func(args arguments) (any, error) {
			s.producers[args.Producer].AsyncClose()
			return nil, nil
		},
	}
	members{}.offer(offered, s.join)
	s.administer(offered)
	return offered, saramaCode
}

func saramaCode(err error) int {
	var many sarama.ProducerErrors
	if errors.As(err, &many) && len(many) > 0 {
		err = many[0].Err
	}
	var topic *sarama.TopicError
	if errors.As(err, &topic) {
		return int(topic.Err)
	}
	var partition *sarama.TopicPartitionError
	if errors.As(err, &partition) {
		return int(partition.Err)
	}
	var known sarama.KError
	if errors.As(err, &known) {
		return int(known)
	}
	return -1
}

func (s *saramaClient) settings() *sarama.Config {
	settings := sarama.NewConfig()
	settings.Version = sarama.MaxVersion
	settings.Producer.Partitioner = sarama.NewManualPartitioner
	settings.Producer.Return.Successes = true
	settings.Producer.RequiredAcks = sarama.WaitForAll
	settings.Producer.Retry.Max = 300
	settings.Producer.Retry.Backoff = 100 * time.Millisecond
	settings.Metadata.Retry.Max = 100
	settings.Metadata.Retry.Backoff = 100 * time.Millisecond
	settings.Consumer.MaxWaitTime = 100 * time.Millisecond
	settings.Consumer.Retry.Backoff = 100 * time.Millisecond
	settings.Consumer.Offsets.Initial = sarama.OffsetOldest
	settings.Consumer.Offsets.AutoCommit.Interval = 100 * time.Millisecond
	return settings
}

func idempotent(settings *sarama.Config) *sarama.Config {
	settings.Producer.Idempotent = true
	settings.Net.MaxOpenRequests = 1
	return settings
}

var saramaCodecs = map[string]sarama.CompressionCodec{
	"": sarama.CompressionNone, "none": sarama.CompressionNone, "gzip": sarama.CompressionGZIP,
	"snappy": sarama.CompressionSnappy, "lz4": sarama.CompressionLZ4, "zstd": sarama.CompressionZSTD,
}

func (s *saramaClient) produce(args arguments) (any, error) {
	settings := s.settings()
	settings.Producer.Compression = saramaCodecs[args.Codec]
	settings.Producer.Flush.Frequency = 20 * time.Millisecond
	if args.Acks != nil && *args.Acks != -1 {
		settings.Producer.RequiredAcks = sarama.RequiredAcks(*args.Acks)
	} else {
		idempotent(settings)
	}
	producer, err := sarama.NewSyncProducer([]string{s.address}, settings)
	if err != nil {
		return nil, err
	}
	defer producer.Close()
	messages := []*sarama.ProducerMessage{}
	for _, each := range args.Records {
		message := &sarama.ProducerMessage{Topic: args.Topic, Partition: each.Partition}
		if each.Key != nil {
			message.Key = sarama.StringEncoder(*each.Key)
		}
		if each.Value != nil {
			message.Value = sarama.StringEncoder(*each.Value)
		}
		if each.Timestamp != 0 {
			message.Timestamp = time.UnixMilli(each.Timestamp)
		}
		for _, header := range each.Headers {
			message.Headers = append(message.Headers, sarama.RecordHeader{Key: []byte(header[0]), Value: []byte(header[1])})
		}
		messages = append(messages, message)
	}
	if err := producer.SendMessages(messages); err != nil {
		return nil, err
	}
	where := []placed{}
	if args.Acks != nil && *args.Acks == 0 {
		return where, nil
	}
	for _, message := range messages {
		where = append(where, placed{message.Partition, message.Offset})
	}
	return where, nil
}

func saramaView(message *sarama.ConsumerMessage) incoming {
	headers := [][2]string{}
	for _, header := range message.Headers {
		headers = append(headers, [2]string{string(header.Key), string(header.Value)})
	}
	return incoming{
		message.Partition, message.Offset, message.Timestamp.UnixMilli(), text(message.Key), text(message.Value), headers,
	}
}

func (s *saramaClient) read(args arguments) (any, error) {
	settings := s.settings()
	if args.Committed {
		settings.Consumer.IsolationLevel = sarama.ReadCommitted
	}
	consumer, err := sarama.NewConsumer([]string{s.address}, settings)
	if err != nil {
		return nil, err
	}
	defer consumer.Close()
	partition, err := consumer.ConsumePartition(args.Topic, args.Partition, args.From)
	if errors.Is(err, sarama.ErrOffsetOutOfRange) {
		partition, err = consumer.ConsumePartition(args.Topic, args.Partition, sarama.OffsetOldest)
	}
	if err != nil {
		return nil, err
	}
	defer partition.Close()
	seen := []incoming{}
	deadline := time.After(patience)
	for len(seen) < args.Count {
		select {
		case message := <-partition.Messages():
			seen = append(seen, saramaView(message))
		case <-deadline:
			return nil, fmt.Errorf("expected %d records, found %d", args.Count, len(seen))
		}
	}
	return seen, nil
}

var saramaStrategies = map[string]func() sarama.BalanceStrategy{
	"range": sarama.NewBalanceStrategyRange, "roundrobin": sarama.NewBalanceStrategyRoundRobin,
	"sticky": sarama.NewBalanceStrategySticky, "cooperative": sarama.NewBalanceStrategyCooperativeSticky,
}

// Consumes claims into a member's view.
type saramaHandler struct{ member *memberView }

func (saramaHandler) Setup(sarama.ConsumerGroupSession) error   { return nil }
func (saramaHandler) Cleanup(sarama.ConsumerGroupSession) error { return nil }
func (h saramaHandler) ConsumeClaim(session sarama.ConsumerGroupSession, claim sarama.ConsumerGroupClaim) error {
	h.member.own(claim.Topic(), claim.Partition(), true)
	defer h.member.own(claim.Topic(), claim.Partition(), false)
	for message := range claim.Messages() {
		h.member.see(saramaView(message))
		session.MarkMessage(message, "")
	}
	return nil
}

func (s *saramaClient) join(args arguments, member *memberView) error {
	settings := s.settings()
	settings.Consumer.Group.Rebalance.GroupStrategies = []sarama.BalanceStrategy{saramaStrategies[args.Strategy]()}
	settings.Consumer.Group.Heartbeat.Interval = 200 * time.Millisecond
	settings.Consumer.Group.Rebalance.Retry.Backoff = 100 * time.Millisecond
	settings.Consumer.Group.Rebalance.Retry.Max = 100
	settings.Consumer.Group.InstanceId = args.InstanceId
	group, err := sarama.NewConsumerGroup([]string{s.address}, args.Group, settings)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(context.Background())
	member.leave = cancel
	go func() {
		defer close(member.finished)
		defer group.Close()
		for ctx.Err() == nil {
			if err := group.Consume(ctx, args.Topics, saramaHandler{member}); errors.Is(err, sarama.ErrFencedInstancedId) {
				member.fail(saramaCode(err))
				<-ctx.Done()
			} else if err != nil {
				time.Sleep(100 * time.Millisecond)
			}
		}
	}()
	return nil
}

func (s *saramaClient) open(args arguments) (any, error) {
	settings := idempotent(s.settings())
	settings.Producer.Transaction.ID = args.TransactionalId
	if args.TimeoutMs != 0 {
		settings.Producer.Transaction.Timeout = time.Duration(args.TimeoutMs) * time.Millisecond
	}
	producer, err := sarama.NewAsyncProducer([]string{s.address}, settings)
	s.producers[args.Producer] = producer
	return nil, err
}

func (s *saramaClient) send(args arguments) (any, error) {
	messages := []*sarama.ProducerMessage{}
	for _, value := range args.Values {
		messages = append(messages, &sarama.ProducerMessage{Topic: args.Topic, Partition: args.Partition, Value: sarama.StringEncoder(value)})
	}
	return nil, sendAll(s.producers[args.Producer], messages)
}

// Sends and waits for each answer.
func sendAll(producer sarama.AsyncProducer, messages []*sarama.ProducerMessage) error {
	go func() {
		for _, message := range messages {
			producer.Input() <- message
		}
	}()
	var failed error
	for range messages {
		select {
		case <-producer.Successes():
		case err := <-producer.Errors():
			failed = err.Err
		}
	}
	return failed
}

// Copies claims in transactions of one producer, which they share.
type saramaCopier struct {
	args      arguments
	producer  sarama.AsyncProducer
	mutex     sync.Mutex
	turn      int
	committed int
	aborted   int
	failed    error
	done      func()
}

func (*saramaCopier) Setup(sarama.ConsumerGroupSession) error   { return nil }
func (*saramaCopier) Cleanup(sarama.ConsumerGroupSession) error { return nil }
func (c *saramaCopier) ConsumeClaim(session sarama.ConsumerGroupSession, claim sarama.ConsumerGroupClaim) error {
	batch := []*sarama.ConsumerMessage{}
	for message := range claim.Messages() {
		batch = append(batch, message)
		if len(batch) == 10 {
			// What was aborted is copied again.
			for {
				isCommitted, err := c.transact(session, batch)
				if err != nil {
					c.failed = err
					c.done()
					return err
				}
				if isCommitted {
					break
				}
			}
			batch = batch[:0]
		}
	}
	return nil
}

func (c *saramaCopier) transact(session sarama.ConsumerGroupSession, batch []*sarama.ConsumerMessage) (bool, error) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if err := c.producer.BeginTxn(); err != nil {
		return false, err
	}
	messages := []*sarama.ProducerMessage{}
	for _, message := range batch {
		messages = append(messages, &sarama.ProducerMessage{Topic: c.args.Target, Value: sarama.ByteEncoder(message.Value)})
	}
	if err := sendAll(c.producer, messages); err != nil {
		return false, err
	}
	last := batch[len(batch)-1]
	if err := c.producer.AddMessageToTxn(last, c.args.Group, nil); err != nil {
		return false, err
	}
	c.turn++
	if c.turn%c.args.AbortEvery == 0 {
		c.aborted++
		return false, c.producer.AbortTxn()
	}
	if err := c.producer.CommitTxn(); err != nil {
		return false, err
	}
	c.committed += len(batch)
	if c.committed >= c.args.Count {
		c.done()
	}
	return true, nil
}

func (s *saramaClient) copy(args arguments) (any, error) {
	settings := idempotent(s.settings())
	settings.Producer.Transaction.ID = args.TransactionalId
	producer, err := sarama.NewAsyncProducer([]string{s.address}, settings)
	if err != nil {
		return nil, err
	}
	defer producer.Close()
	reading := s.settings()
	reading.Consumer.IsolationLevel = sarama.ReadCommitted
	reading.Consumer.Offsets.AutoCommit.Enable = false
	group, err := sarama.NewConsumerGroup([]string{s.address}, args.Group, reading)
	if err != nil {
		return nil, err
	}
	defer group.Close()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	copier := &saramaCopier{args: args, producer: producer, done: cancel}
	for ctx.Err() == nil {
		if err := group.Consume(ctx, []string{args.Source}, copier); err != nil && ctx.Err() == nil {
			return nil, err
		}
	}
	return map[string]int{"committed": copier.committed, "aborted": copier.aborted}, copier.failed
}

func (s *saramaClient) stream(args arguments) (any, error) {
	producer, err := sarama.NewAsyncProducer([]string{s.address}, idempotent(s.settings()))
	if err != nil {
		return nil, err
	}
	stop, stopped, heard := make(chan struct{}), make(chan struct{}), make(chan struct{})
	sent, acknowledged := 0, 0
	go func() {
		defer close(heard)
		go func() {
			for range producer.Errors() {
			}
		}()
		for range producer.Successes() {
			acknowledged++
		}
	}()
	go func() {
		defer close(stopped)
		for {
			select {
			case <-stop:
				return
			case <-time.After(time.Millisecond):
			}
			producer.Input() <- &sarama.ProducerMessage{Topic: args.Topic, Value: sarama.StringEncoder(strconv.Itoa(sent))}
			sent++
		}
	}()
	s.streams[args.Topic] = func() (any, error) {
		close(stop)
		<-stopped
		producer.AsyncClose()
		<-heard
		return map[string]int{"sent": sent, "acknowledged": acknowledged}, nil
	}
	return nil, nil
}

func (s *saramaClient) administer(to operations) {
	admin := func() (sarama.ClusterAdmin, sarama.Client, error) {
		if s.admin == nil {
			client, err := sarama.NewClient([]string{s.address}, s.settings())
			if err != nil {
				return nil, nil, err
			}
			s.client = client
			if s.admin, err = sarama.NewClusterAdminFromClient(client); err != nil {
				return nil, nil, err
			}
		}
		return s.admin, s.client, nil
	}
	do := func(act func(args arguments, admin sarama.ClusterAdmin, client sarama.Client) (any, error)) func(arguments) (any, error) {
		return func(args arguments) (any, error) {
			admin, client, err := admin()
			if err != nil {
				return nil, err
			}
			return act(args, admin, client)
		}
	}
	to["createTopic"] = do(func(args arguments, admin sarama.ClusterAdmin, _ sarama.Client) (any, error) {
		configs := map[string]*string{}
		for name, value := range args.Configs {
			configs[name] = &value
		}
		detail := &sarama.TopicDetail{NumPartitions: args.Partitions, ReplicationFactor: 1, ConfigEntries: configs}
		return nil, admin.CreateTopic(args.Topic, detail, false)
	})
	to["createPartitions"] = do(func(args arguments, admin sarama.ClusterAdmin, _ sarama.Client) (any, error) {
		return nil, admin.CreatePartitions(args.Topic, int32(args.Count), nil, false)
	})
	to["partitions"] = do(func(args arguments, admin sarama.ClusterAdmin, _ sarama.Client) (any, error) {
		topics, err := admin.DescribeTopics([]string{args.Topic})
		if err != nil {
			return nil, err
		}
		return len(topics[0].Partitions), nil
	})
	to["listTopics"] = do(func(args arguments, admin sarama.ClusterAdmin, _ sarama.Client) (any, error) {
		topics, err := admin.ListTopics()
		names := []string{}
		for name := range topics {
			names = append(names, name)
		}
		return names, err
	})
	to["describeConfigs"] = do(func(args arguments, admin sarama.ClusterAdmin, _ sarama.Client) (any, error) {
		resource := &sarama.ConfigResource{Type: sarama.TopicResource, Name: args.Topic}
		results, err := admin.DescribeConfigs([]*sarama.ConfigResource{resource}, sarama.DescribeConfigsOptions{})
		if err != nil {
			return nil, err
		}
		found := map[string]string{}
		for _, entry := range results[0].Configs {
			found[entry.Name] = entry.Value
		}
		return found, nil
	})
	to["alterConfigs"] = do(func(args arguments, admin sarama.ClusterAdmin, _ sarama.Client) (any, error) {
		entries := map[string]sarama.IncrementalAlterConfigsEntry{}
		for name, value := range args.Configs {
			entries[name] = sarama.IncrementalAlterConfigsEntry{Operation: sarama.IncrementalAlterConfigsOperationSet, Value: &value}
		}
		return nil, admin.IncrementalAlterConfig(sarama.TopicResource, args.Topic, entries, false)
	})
	to["listOffsets"] = do(func(args arguments, _ sarama.ClusterAdmin, client sarama.Client) (any, error) {
		at, isTime := args.At.(float64)
		time := int64(at)
		if !isTime {
			time = map[any]int64{"earliest": sarama.OffsetOldest, "latest": sarama.OffsetNewest}[args.At]
		}
		return client.GetOffset(args.Topic, args.Partition, time)
	})
	to["deleteRecords"] = do(func(args arguments, admin sarama.ClusterAdmin, _ sarama.Client) (any, error) {
		return nil, admin.DeleteRecords(args.Topic, map[int32]int64{args.Partition: args.Before})
	})
	to["deleteTopic"] = do(func(args arguments, admin sarama.ClusterAdmin, _ sarama.Client) (any, error) {
		return nil, admin.DeleteTopic(args.Topic)
	})
	to["listGroups"] = do(func(args arguments, admin sarama.ClusterAdmin, _ sarama.Client) (any, error) {
		groups, err := admin.ListConsumerGroups()
		names := []string{}
		for name := range groups {
			names = append(names, name)
		}
		return names, err
	})
	to["describeGroup"] = do(func(args arguments, admin sarama.ClusterAdmin, _ sarama.Client) (any, error) {
		groups, err := admin.DescribeConsumerGroups([]string{args.Group})
		if err != nil {
			return nil, err
		}
		return map[string]any{"state": groups[0].State, "members": len(groups[0].Members)}, nil
	})
	to["groupOffsets"] = do(func(args arguments, admin sarama.ClusterAdmin, _ sarama.Client) (any, error) {
		response, err := admin.ListConsumerGroupOffsets(args.Group, nil)
		if err != nil {
			return nil, err
		}
		found := [][3]any{}
		for topic, partitions := range response.Blocks {
			for partition, block := range partitions {
				found = append(found, [3]any{topic, partition, block.Offset})
			}
		}
		return found, nil
	})
	to["deleteGroup"] = do(func(args arguments, admin sarama.ClusterAdmin, _ sarama.Client) (any, error) {
		return nil, admin.DeleteConsumerGroup(args.Group)
	})
}
