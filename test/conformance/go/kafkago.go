package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync/atomic"
	"time"

	"github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/protocol"
)

// It has neither idempotent nor transactional producers: its batches name no producer.
type kafkaGo struct {
	address string
	client  *kafka.Client
	streams map[string]func() (any, error)
}

func openKafkaGo(address string) (operations, func(error) int) {
	client := &kafka.Client{Addr: kafka.TCP(address), Timeout: patience, Transport: &kafka.Transport{MetadataTTL: 300 * time.Millisecond}}
	k := &kafkaGo{address: address, client: client, streams: map[string]func() (any, error){}}
	offered := operations{
		"produce": k.produce, "read": k.read, "stream": k.stream,
		"finish": func(args arguments) (any, error) { return k.streams[args.Topic]() },
	}
	members{}.offer(offered, k.join)
	k.administer(offered)
	return offered, kafkaGoCode
}

func kafkaGoCode(err error) int {
	var known kafka.Error
	if errors.As(err, &known) {
		return int(known)
	}
	// Before it sends what it knows to be too large, it has an error of its own.
	var tooLarge kafka.MessageTooLargeError
	if errors.As(err, &tooLarge) {
		return int(kafka.MessageSizeTooLarge)
	}
	return -1
}

var kafkaGoCodecs = map[string]kafka.Compression{"gzip": kafka.Gzip, "snappy": kafka.Snappy, "lz4": kafka.Lz4, "zstd": kafka.Zstd}

func (k *kafkaGo) produce(args arguments) (any, error) {
	acks := kafka.RequireAll
	if args.Acks != nil {
		acks = kafka.RequiredAcks(*args.Acks)
	}
	partitions, records := map[int32][]kafka.Record{}, args.Records
	for _, each := range records {
		record := kafka.Record{Key: kafka.NewBytes(bytesOf(each.Key)), Value: kafka.NewBytes(bytesOf(each.Value))}
		if each.Timestamp != 0 {
			record.Time = time.UnixMilli(each.Timestamp)
		}
		for _, header := range each.Headers {
			record.Headers = append(record.Headers, kafka.Header{Key: header[0], Value: []byte(header[1])})
		}
		partitions[each.Partition] = append(partitions[each.Partition], record)
	}
	next := map[int32]int64{}
	for partition, batch := range partitions {
		answer, err := k.send(batch, kafka.ProduceRequest{
			Topic: args.Topic, Partition: int(partition), RequiredAcks: acks, Compression: kafkaGoCodecs[args.Codec],
		})
		if err != nil {
			return nil, err
		}
		next[partition] = answer.BaseOffset
	}
	result := []placed{}
	if acks == kafka.RequireNone {
		return result, nil
	}
	for _, each := range records {
		result = append(result, placed{each.Partition, next[each.Partition]})
		next[each.Partition]++
	}
	return result, nil
}

func (k *kafkaGo) send(batch []kafka.Record, request kafka.ProduceRequest) (*kafka.ProduceResponse, error) {
	for deadline := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		request.Records = kafka.NewRecordReader(batch...)
		answer, err := k.client.Produce(context.Background(), &request)
		// It looks for the partition in what it remembers of the cluster.
		isUnheardOf := errors.Is(err, protocol.ErrNoTopic) || errors.Is(err, protocol.ErrNoPartition) || errors.Is(err, protocol.ErrNoLeader)
		if isUnheardOf && time.Now().Before(deadline) {
			continue
		}
		if answer == nil {
			// Without acknowledgements there is no answer.
			return &kafka.ProduceResponse{BaseOffset: -1}, err
		}
		return answer, answer.Error
	}
}

func (k *kafkaGo) reader(topic string, partition int, offset int64, level kafka.IsolationLevel) (*kafka.Reader, error) {
	reader := kafka.NewReader(kafka.ReaderConfig{
		Brokers: []string{k.address}, Topic: topic, Partition: partition, IsolationLevel: level,
		MaxWait: 100 * time.Millisecond, MinBytes: 1, MaxBytes: 8_000_000,
		ReadBackoffMin: 10 * time.Millisecond, ReadBackoffMax: 200 * time.Millisecond,
	})
	return reader, reader.SetOffset(offset)
}

func kafkaGoView(message kafka.Message) incoming {
	headers := [][2]string{}
	for _, header := range message.Headers {
		headers = append(headers, [2]string{header.Key, string(header.Value)})
	}
	return incoming{int32(message.Partition), message.Offset, message.Time.UnixMilli(), text(message.Key), text(message.Value), headers}
}

func (k *kafkaGo) read(args arguments) (any, error) {
	level := kafka.ReadUncommitted
	if args.Committed {
		level = kafka.ReadCommitted
	}
	reader, err := k.reader(args.Topic, int(args.Partition), args.From, level)
	if err != nil {
		return nil, err
	}
	defer reader.Close()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	seen := []incoming{}
	for len(seen) < args.Count {
		message, err := reader.ReadMessage(ctx)
		if err != nil {
			return nil, fmt.Errorf("expected %d records, found %d: %w", args.Count, len(seen), err)
		}
		seen = append(seen, kafkaGoView(message))
	}
	return seen, nil
}

var kafkaGoStrategies = map[string]kafka.GroupBalancer{"range": kafka.RangeGroupBalancer{}, "roundrobin": kafka.RoundRobinGroupBalancer{}}

func (k *kafkaGo) join(args arguments, member *memberView) error {
	group, err := kafka.NewConsumerGroup(kafka.ConsumerGroupConfig{
		ID: args.Group, Brokers: []string{k.address}, Topics: args.Topics,
		GroupBalancers:    []kafka.GroupBalancer{kafkaGoStrategies[args.Strategy]},
		HeartbeatInterval: 200 * time.Millisecond, SessionTimeout: 10 * time.Second, RebalanceTimeout: 10 * time.Second,
		JoinGroupBackoff: 100 * time.Millisecond, StartOffset: kafka.FirstOffset,
	})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(context.Background())
	member.leave = func() {
		cancel()
		group.Close()
	}
	go func() {
		defer close(member.finished)
		for ctx.Err() == nil {
			generation, err := group.Next(ctx)
			if err != nil {
				time.Sleep(50 * time.Millisecond)
				continue
			}
			for topic, partitions := range generation.Assignments {
				for _, partition := range partitions {
					generation.Start(func(ctx context.Context) { k.consume(ctx, generation, topic, partition, member) })
				}
			}
		}
	}()
	return nil
}

// Until the generation ends, which ctx says. A partition is owned until then.
func (k *kafkaGo) consume(ctx context.Context, generation *kafka.Generation, topic string, partition kafka.PartitionAssignment, member *memberView) {
	member.own(topic, int32(partition.ID), true)
	defer member.own(topic, int32(partition.ID), false)
	reader, err := k.reader(topic, partition.ID, partition.Offset, kafka.ReadUncommitted)
	if err != nil {
		return
	}
	defer reader.Close()
	for {
		message, err := reader.ReadMessage(ctx)
		if ctx.Err() != nil {
			return
		}
		if err != nil {
			time.Sleep(50 * time.Millisecond)
			continue
		}
		member.see(kafkaGoView(message))
		_ = generation.CommitOffsets(map[string]map[int]int64{topic: {partition.ID: message.Offset + 1}})
	}
}

func (k *kafkaGo) stream(args arguments) (any, error) {
	writer := &kafka.Writer{
		Addr: kafka.TCP(k.address), Topic: args.Topic, RequiredAcks: kafka.RequireAll,
		BatchTimeout: time.Millisecond, MaxAttempts: 1_000, WriteBackoffMax: 200 * time.Millisecond,
		// As a connection that was cut is dialled anew only when it has idled.
		Transport: &kafka.Transport{DialTimeout: time.Second, Dial: (&net.Dialer{}).DialContext, MetadataTTL: time.Second},
	}
	stopping := make(chan struct{})
	finished := make(chan error)
	var sent, acknowledged atomic.Int64
	go func() {
		for {
			select {
			case <-stopping:
				finished <- writer.Close()
				return
			default:
			}
			value := fmt.Sprint(sent.Add(1) - 1)
			for writer.WriteMessages(context.Background(), kafka.Message{Value: []byte(value)}) != nil {
				time.Sleep(50 * time.Millisecond)
			}
			acknowledged.Add(1)
		}
	}()
	k.streams[args.Topic] = func() (any, error) {
		close(stopping)
		err := <-finished
		return map[string]int64{"sent": sent.Load(), "acknowledged": acknowledged.Load()}, err
	}
	return nil, nil
}
