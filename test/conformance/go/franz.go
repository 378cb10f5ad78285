package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

const patience = 30 * time.Second

type franz struct {
	address   string
	producers map[string]*kgo.Client
	streams   map[string]func() (any, error)
	admin     *kadm.Client
}

func openFranz(address string) (operations, func(error) int) {
	f := &franz{address: address, producers: map[string]*kgo.Client{}, streams: map[string]func() (any, error){}}
	offered := operations{
		"produce": f.produce, "read": f.read, "stream": f.stream,
		"finish": func(args arguments) (any, error) { return f.streams[args.Topic]() },
		"open":   f.open, "begin": f.begin, "send": f.send, "copy": f.copy,
		"commit": func(args arguments) (any, error) {
			return nil, f.producers[args.Producer].EndTransaction(context.Background(), kgo.TryCommit)
		},
		"abort": func(args arguments) (any, error) {
			return nil, f.producers[args.Producer].EndTransaction(context.Background(), kgo.TryAbort)
		},
		"close": func(args arguments) (any, error) {
			f.producers[args.Producer].Close()
			return nil, nil
		},
	}
	members{}.offer(offered, f.join)
	f.administer(offered)
	return offered, franzCode
}

func franzCode(err error) int {
	var known *kerr.Error
	if errors.As(err, &known) {
		return int(known.Code)
	}
	return -1
}

func (f *franz) client(options ...kgo.Opt) (*kgo.Client, error) {
	common := []kgo.Opt{
		kgo.SeedBrokers(f.address),
		kgo.RecordPartitioner(kgo.ManualPartitioner()),
		kgo.RetryBackoffFn(func(int) time.Duration { return 100 * time.Millisecond }),
		kgo.MetadataMinAge(100 * time.Millisecond),
		kgo.FetchMaxWait(100 * time.Millisecond),
		kgo.ProducerBatchCompression(kgo.NoCompression()),
	}
	return kgo.NewClient(append(common, options...)...)
}

var franzCodecs = map[string]kgo.CompressionCodec{
	"none": kgo.NoCompression(), "": kgo.NoCompression(), "gzip": kgo.GzipCompression(),
	"snappy": kgo.SnappyCompression(), "lz4": kgo.Lz4Compression(), "zstd": kgo.ZstdCompression(),
}

func (f *franz) produce(args arguments) (any, error) {
	options := []kgo.Opt{kgo.ProducerBatchCompression(franzCodecs[args.Codec]), kgo.ProducerLinger(20 * time.Millisecond)}
	if args.Acks != nil && *args.Acks != -1 {
		acks := map[int]kgo.Acks{0: kgo.NoAck(), 1: kgo.LeaderAck()}[*args.Acks]
		options = append(options, kgo.RequiredAcks(acks), kgo.DisableIdempotentWrite())
	}
	client, err := f.client(options...)
	if err != nil {
		return nil, err
	}
	defer client.Close()
	records := make([]*kgo.Record, 0, len(args.Records))
	for _, each := range args.Records {
		record := &kgo.Record{Topic: args.Topic, Partition: each.Partition, Key: bytesOf(each.Key), Value: bytesOf(each.Value)}
		if each.Timestamp != 0 {
			record.Timestamp = time.UnixMilli(each.Timestamp)
		}
		for _, header := range each.Headers {
			record.Headers = append(record.Headers, kgo.RecordHeader{Key: header[0], Value: []byte(header[1])})
		}
		records = append(records, record)
	}
	results := client.ProduceSync(context.Background(), records...)
	if err := results.FirstErr(); err != nil {
		return nil, err
	}
	where := []placed{}
	if args.Acks != nil && *args.Acks == 0 {
		return where, nil
	}
	for _, record := range records {
		where = append(where, placed{record.Partition, record.Offset})
	}
	return where, nil
}

func franzView(record *kgo.Record) incoming {
	headers := [][2]string{}
	for _, header := range record.Headers {
		headers = append(headers, [2]string{header.Key, string(header.Value)})
	}
	return incoming{record.Partition, record.Offset, record.Timestamp.UnixMilli(), text(record.Key), text(record.Value), headers}
}

func (f *franz) read(args arguments) (any, error) {
	at := kgo.NewOffset().At(args.From)
	options := []kgo.Opt{
		kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{args.Topic: {args.Partition: at}}),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
	}
	if args.Committed {
		options = append(options, kgo.FetchIsolationLevel(kgo.ReadCommitted()))
	}
	client, err := f.client(options...)
	if err != nil {
		return nil, err
	}
	defer client.Close()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	seen := []incoming{}
	for len(seen) < args.Count {
		for _, record := range client.PollRecords(ctx, args.Count-len(seen)).Records() {
			seen = append(seen, franzView(record))
		}
		if ctx.Err() != nil {
			return nil, fmt.Errorf("expected %d records, found %d", args.Count, len(seen))
		}
	}
	return seen, nil
}

var franzBalancers = map[string]kgo.GroupBalancer{
	"range": kgo.RangeBalancer(), "roundrobin": kgo.RoundRobinBalancer(),
	"sticky": kgo.StickyBalancer(), "cooperative": kgo.CooperativeStickyBalancer(),
}

func (f *franz) join(args arguments, member *memberView) error {
	owns := func(owns bool) func(context.Context, *kgo.Client, map[string][]int32) {
		return func(_ context.Context, _ *kgo.Client, all map[string][]int32) {
			for topic, partitions := range all {
				for _, partition := range partitions {
					member.own(topic, partition, owns)
				}
			}
		}
	}
	options := []kgo.Opt{
		kgo.ConsumerGroup(args.Group), kgo.ConsumeTopics(args.Topics...), kgo.Balancers(franzBalancers[args.Strategy]),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()), kgo.DisableAutoCommit(), kgo.BlockRebalanceOnPoll(),
		kgo.HeartbeatInterval(200 * time.Millisecond), kgo.SessionTimeout(10 * time.Second),
		kgo.OnPartitionsAssigned(owns(true)), kgo.OnPartitionsRevoked(owns(false)), kgo.OnPartitionsLost(owns(false)),
	}
	if args.InstanceId != "" {
		options = append(options, kgo.InstanceID(args.InstanceId))
	}
	client, err := f.client(options...)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(context.Background())
	member.leave = cancel
	go func() {
		defer close(member.finished)
		defer client.CloseAllowingRebalance()
		for ctx.Err() == nil {
			fetches := client.PollFetches(ctx)
			for _, failed := range fetches.Errors() {
				if code := franzCode(failed.Err); code == int(kerr.FencedInstanceID.Code) {
					member.fail(code)
				}
			}
			if records := fetches.Records(); len(records) > 0 {
				for _, record := range records {
					member.see(franzView(record))
				}
				if err := client.CommitRecords(context.Background(), records...); franzCode(err) == int(kerr.FencedInstanceID.Code) {
					member.fail(franzCode(err))
				}
			}
			client.AllowRebalance()
		}
	}()
	return nil
}

func (f *franz) open(args arguments) (any, error) {
	timeout := time.Minute
	if args.TimeoutMs != 0 {
		timeout = time.Duration(args.TimeoutMs) * time.Millisecond
	}
	client, err := f.client(kgo.TransactionalID(args.TransactionalId), kgo.TransactionTimeout(timeout))
	if err != nil {
		return nil, err
	}
	f.producers[args.Producer] = client
	_, _, err = client.ProducerID(context.Background())
	return nil, err
}

func (f *franz) begin(args arguments) (any, error) {
	return nil, f.producers[args.Producer].BeginTransaction()
}

func (f *franz) send(args arguments) (any, error) {
	records := []*kgo.Record{}
	for _, value := range args.Values {
		records = append(records, &kgo.Record{Topic: args.Topic, Partition: args.Partition, Value: []byte(value)})
	}
	return nil, f.producers[args.Producer].ProduceSync(context.Background(), records...).FirstErr()
}

func (f *franz) copy(args arguments) (any, error) {
	session, err := kgo.NewGroupTransactSession(
		kgo.SeedBrokers(f.address), kgo.TransactionalID(args.TransactionalId), kgo.ConsumerGroup(args.Group),
		kgo.ConsumeTopics(args.Source), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.RequireStableFetchOffsets(),
		kgo.FetchMaxWait(100*time.Millisecond), kgo.RecordPartitioner(kgo.ManualPartitioner()),
	)
	if err != nil {
		return nil, err
	}
	defer session.Close()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	committed, aborted, turn := 0, 0, 0
	for committed < args.Count {
		records := session.PollRecords(ctx, 20).Records()
		if ctx.Err() != nil {
			return nil, fmt.Errorf("expected %d records, found %d", args.Count, committed)
		}
		if len(records) == 0 {
			continue
		}
		if err := session.Begin(); err != nil {
			return nil, err
		}
		for _, record := range records {
			session.Produce(ctx, &kgo.Record{Topic: args.Target, Value: record.Value}, nil)
		}
		turn++
		end := kgo.TransactionEndTry(turn%args.AbortEvery != 0)
		isCommitted, err := session.End(ctx, end)
		if err != nil {
			return nil, err
		}
		if isCommitted {
			committed += len(records)
		} else {
			aborted++
		}
	}
	return map[string]int{"committed": committed, "aborted": aborted}, nil
}

func (f *franz) stream(args arguments) (any, error) {
	client, err := f.client()
	if err != nil {
		return nil, err
	}
	stop, stopped := make(chan struct{}), make(chan struct{})
	sent, acknowledged := 0, atomic.Int64{}
	go func() {
		defer close(stopped)
		for {
			select {
			case <-stop:
				return
			case <-time.After(time.Millisecond):
			}
			record := &kgo.Record{Topic: args.Topic, Value: []byte(strconv.Itoa(sent))}
			sent++
			client.Produce(context.Background(), record, func(_ *kgo.Record, err error) {
				if err == nil {
					acknowledged.Add(1)
				}
			})
		}
	}()
	f.streams[args.Topic] = func() (any, error) {
		close(stop)
		<-stopped
		err := client.Flush(context.Background())
		client.Close()
		return map[string]int64{"sent": int64(sent), "acknowledged": acknowledged.Load()}, err
	}
	return nil, nil
}

func (f *franz) administer(to operations) {
	ctx := context.Background()
	admin := func() *kadm.Client {
		if f.admin == nil {
			client, _ := f.client()
			f.admin = kadm.NewClient(client)
		}
		return f.admin
	}
	to["createTopic"] = func(args arguments) (any, error) {
		configs := map[string]*string{}
		for name, value := range args.Configs {
			configs[name] = kadm.StringPtr(value)
		}
		_, err := admin().CreateTopic(ctx, args.Partitions, 1, configs, args.Topic)
		return nil, err
	}
	to["createPartitions"] = func(args arguments) (any, error) {
		responses, err := admin().UpdatePartitions(ctx, args.Count, args.Topic)
		if err != nil {
			return nil, err
		}
		return nil, responses.Error()
	}
	to["partitions"] = func(args arguments) (any, error) {
		topics, err := admin().ListTopics(ctx, args.Topic)
		return len(topics[args.Topic].Partitions), err
	}
	to["listTopics"] = func(args arguments) (any, error) {
		topics, err := admin().ListTopics(ctx)
		return topics.Names(), err
	}
	to["describeConfigs"] = func(args arguments) (any, error) {
		resources, err := admin().DescribeTopicConfigs(ctx, args.Topic)
		if err != nil {
			return nil, err
		}
		found := map[string]*string{}
		for _, config := range resources[0].Configs {
			found[config.Key] = config.Value
		}
		return found, resources[0].Err
	}
	to["alterConfigs"] = func(args arguments) (any, error) {
		changes := []kadm.AlterConfig{}
		for name, value := range args.Configs {
			changes = append(changes, kadm.AlterConfig{Op: kadm.SetConfig, Name: name, Value: kadm.StringPtr(value)})
		}
		responses, err := admin().AlterTopicConfigs(ctx, changes, args.Topic)
		if err != nil {
			return nil, err
		}
		return nil, responses[0].Err
	}
	to["listOffsets"] = func(args arguments) (any, error) {
		var listed kadm.ListedOffsets
		var err error
		switch at := args.At.(type) {
		case float64:
			listed, err = admin().ListOffsetsAfterMilli(ctx, int64(at), args.Topic)
		default:
			call := map[any]func(context.Context, ...string) (kadm.ListedOffsets, error){
				"earliest": admin().ListStartOffsets, "latest": admin().ListEndOffsets, "max": admin().ListMaxTimestampOffsets,
			}[at]
			listed, err = call(ctx, args.Topic)
		}
		if err != nil {
			return nil, err
		}
		found, _ := listed.Lookup(args.Topic, args.Partition)
		return found.Offset, found.Err
	}
	to["deleteRecords"] = func(args arguments) (any, error) {
		offsets := kadm.Offsets{}
		offsets.AddOffset(args.Topic, args.Partition, args.Before, -1)
		responses, err := admin().DeleteRecords(ctx, offsets)
		if err != nil {
			return nil, err
		}
		return nil, responses.Error()
	}
	to["deleteTopic"] = func(args arguments) (any, error) {
		responses, err := admin().DeleteTopics(ctx, args.Topic)
		if err != nil {
			return nil, err
		}
		return nil, responses.Error()
	}
	to["listGroups"] = func(args arguments) (any, error) {
		groups, err := admin().ListGroups(ctx)
		return groups.Groups(), err
	}
	to["describeGroup"] = func(args arguments) (any, error) {
		groups, err := admin().DescribeGroups(ctx, args.Group)
		if err != nil {
			return nil, err
		}
		group := groups[args.Group]
		return map[string]any{"state": group.State, "members": len(group.Members)}, group.Err
	}
	to["groupOffsets"] = func(args arguments) (any, error) {
		responses, err := admin().FetchOffsets(ctx, args.Group)
		if err != nil {
			return nil, err
		}
		found := [][3]any{}
		responses.Offsets().Each(func(offset kadm.Offset) {
			found = append(found, [3]any{offset.Topic, offset.Partition, offset.At})
		})
		return found, responses.Error()
	}
	to["alterGroupOffsets"] = func(args arguments) (any, error) {
		offsets := kadm.Offsets{}
		offsets.AddOffset(args.Topic, args.Partition, args.Offset, -1)
		return nil, admin().CommitAllOffsets(ctx, args.Group, offsets)
	}
	to["deleteGroup"] = func(args arguments) (any, error) {
		_, err := admin().DeleteGroup(ctx, args.Group)
		return nil, err
	}
}
