// The Go clients as the suite drives them: requests and answers are lines of JSON (see ../clients/process-client.ts).
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
)

// Operations of one client by their names.
type operations map[string]func(args arguments) (any, error)

// What operations are given: the union of what they take.
type arguments struct {
	Topic           string
	Topics          []string
	Partition       int32
	Partitions      int32
	Count           int
	From            int64
	Before          int64
	Offset          int64
	At              any
	Committed       bool
	Codec           string
	Acks            *int
	Records         []outgoing
	Member          string
	Group           string
	Strategy        string
	InstanceId      string
	Producer        string
	TransactionalId string
	TimeoutMs       int
	Values          []string
	Source          string
	Target          string
	AbortEvery      int
	Configs         map[string]string
}

type outgoing struct {
	Partition int32
	Key       *string
	Value     *string
	Headers   [][2]string
	Timestamp int64
}

type placed struct {
	Partition int32 `json:"partition"`
	Offset    int64 `json:"offset"`
}

type incoming struct {
	Partition int32       `json:"partition"`
	Offset    int64       `json:"offset"`
	Timestamp int64       `json:"timestamp"`
	Key       *string     `json:"key"`
	Value     *string     `json:"value"`
	Headers   [][2]string `json:"headers"`
}

type failure struct {
	Code    int    `json:"code"`
	Message string `json:"message"`
}

type answer struct {
	Id     int      `json:"id"`
	Result any      `json:"result"`
	Error  *failure `json:"error,omitempty"`
}

func main() {
	client, address := os.Args[1], os.Args[2]
	open := map[string]func(string) (operations, func(error) int){
		"franz-go": openFranz,
		"sarama":   openSarama,
		"kafka-go": openKafkaGo,
	}[client]
	offered, codeOf := open(address)
	requests := bufio.NewReaderSize(os.Stdin, 1<<20)
	answers := json.NewEncoder(os.Stdout)
	for {
		line, err := requests.ReadBytes('\n')
		if err != nil {
			return
		}
		var request struct {
			Id        int
			Operation string
			Args      arguments
		}
		if err := json.Unmarshal(line, &request); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		reply := answer{Id: request.Id}
		if operation, ok := offered[request.Operation]; !ok {
			reply.Error = &failure{-1, "expected an operation of " + client + ", found " + request.Operation}
		} else if result, err := operation(request.Args); err != nil {
			reply.Error = &failure{codeOf(err), err.Error()}
		} else {
			reply.Result = result
		}
		_ = answers.Encode(reply)
	}
}

func text(bytes []byte) *string {
	if bytes == nil {
		return nil
	}
	result := string(bytes)
	return &result
}

func bytesOf(text *string) []byte {
	if text == nil {
		return nil
	}
	// An empty value is not a missing one.
	return append([]byte{}, *text...)
}
