package main

import (
	"sort"
	"sync"
)

// What a member of a group has seen and owns, filled by its own goroutines.
type memberView struct {
	mutex    sync.Mutex
	seen     []incoming
	owned    map[string]map[int32]bool
	failed   *int
	finished chan struct{}
	leave    func()
}

func newMember() *memberView {
	return &memberView{seen: []incoming{}, owned: map[string]map[int32]bool{}, finished: make(chan struct{})}
}

func (m *memberView) own(topic string, partition int32, owns bool) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	if m.owned[topic] == nil {
		m.owned[topic] = map[int32]bool{}
	}
	if owns {
		m.owned[topic][partition] = true
	} else {
		delete(m.owned[topic], partition)
	}
}

func (m *memberView) see(record incoming) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	m.seen = append(m.seen, record)
}

func (m *memberView) fail(code int) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	m.failed = &code
}

func (m *memberView) look() any {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	assignment := [][2]any{}
	for topic, partitions := range m.owned {
		for partition := range partitions {
			assignment = append(assignment, [2]any{topic, partition})
		}
	}
	sort.Slice(assignment, func(i, j int) bool {
		a, b := assignment[i], assignment[j]
		if a[0] != b[0] {
			return a[0].(string) < b[0].(string)
		}
		return a[1].(int32) < b[1].(int32)
	})
	view := map[string]any{"assignment": assignment, "seen": append([]incoming{}, m.seen...)}
	if m.failed != nil {
		view["error"] = *m.failed
	}
	return view
}

// The members of one client by their names.
type members map[string]*memberView

func (all members) offer(to operations, join func(args arguments, member *memberView) error) {
	to["join"] = func(args arguments) (any, error) {
		member := newMember()
		all[args.Member] = member
		return nil, join(args, member)
	}
	to["look"] = func(args arguments) (any, error) { return all[args.Member].look(), nil }
	to["leave"] = func(args arguments) (any, error) {
		member := all[args.Member]
		delete(all, args.Member)
		member.leave()
		<-member.finished
		return nil, nil
	}
}
