// Command etcdlock takes and releases etcd's own locks (concurrency.Mutex on a concurrency.Session
// each) as fast as they go: what the lock manager is measured against.
//
// Every client has a session, and so a lease, of its own; clients share the given number of
// connections. It prints one line of JSON: pairs of lock and unlock, in how many seconds, and how
// long they took. In mode "shared" all clients want one lock, and a handover is the time from one
// holder's call of Unlock to the next holder's return from Lock.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"runtime"
	"sort"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"
	"go.etcd.io/etcd/client/v3/concurrency"
	"go.uber.org/zap"
)

const (
	dialTimeout       = 10 * time.Second
	operationTimeout  = 60 * time.Second
	sessionTTLSeconds = 60
)

type settings struct {
	endpoints   []string
	clients     int
	connections int
	shared      bool
	warmUp      time.Duration
	duration    time.Duration
	prefix      string
}

type latencies struct {
	P50Us  int64 `json:"p50Us"`
	P99Us  int64 `json:"p99Us"`
	P999Us int64 `json:"p999Us"`
}

type result struct {
	Clients        int        `json:"clients"`
	Connections    int        `json:"connections"`
	Mode           string     `json:"mode"`
	Pairs          int        `json:"pairs"`
	Seconds        float64    `json:"seconds"`
	PairsPerSecond float64    `json:"pairsPerSecond"`
	Pair           latencies  `json:"pair"`
	Handover       *latencies `json:"handover"`
	// Unix time in milliseconds of the measured part, for those who count elsewhere.
	StartedMs  int64 `json:"startedMs"`
	EndedMs    int64 `json:"endedMs"`
	Violations int64 `json:"violations"`
	// Of the whole run, warm-up included: what costs are divided by.
	PairsTotal int     `json:"pairsTotal"`
	CPUSeconds float64 `json:"cpuSeconds"`
}

func main() {
	endpoints := flag.String("endpoints", "http://127.0.0.1:2379", "endpoints, by commas")
	clients := flag.Int("clients", 1, "how many lock and unlock in loops")
	connections := flag.Int("connections", 0, "etcd clients that they share; 0: one each")
	mode := flag.String("mode", "own", "own: a lock for each; shared: one for all")
	warmUp := flag.Duration("warm-up", time.Second, "before anything is counted")
	duration := flag.Duration("duration", 5*time.Second, "what is counted")
	prefix := flag.String("prefix", "bench", "prefix of the locks' keys")
	flag.Parse()
	if *mode != "own" && *mode != "shared" {
		fail(fmt.Errorf("-mode is own or shared, not %q", *mode))
	}
	if *clients < 1 || *connections < 0 || *duration <= 0 {
		fail(errors.New("-clients and -duration are positive, -connections isn't negative"))
	}
	if *connections == 0 || *connections > *clients {
		*connections = *clients
	}
	outcome, err := run(settings{
		endpoints: strings.Split(*endpoints, ","), clients: *clients, connections: *connections,
		shared: *mode == "shared", warmUp: *warmUp, duration: *duration, prefix: *prefix,
	})
	if err != nil {
		fail(err)
	}
	outcome.Mode = *mode
	if err := json.NewEncoder(os.Stdout).Encode(outcome); err != nil {
		fail(err)
	}
	if outcome.Violations > 0 {
		fail(fmt.Errorf("two holders at once, %d times", outcome.Violations))
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

// A lock as its users see it: how many believe to hold it, and when it was last given up.
type watched struct {
	holders    atomic.Int32
	releasedAt atomic.Int64
}

// What one client measured, in nanoseconds.
type samples struct {
	total     int
	pairs     []int64
	handovers []int64
}

func run(options settings) (*result, error) {
	connections, err := connect(options)
	for _, connection := range connections {
		defer connection.Close()
	}
	if err != nil {
		return nil, err
	}
	mutexes, err := openSessions(options, connections)
	if err != nil {
		return nil, err
	}
	locks := make([]*watched, options.clients)
	for index := range locks {
		locks[index] = &watched{}
		if options.shared {
			locks[index] = locks[0]
		}
	}
	started := time.Now()
	from, to := started.Add(options.warmUp), started.Add(options.warmUp+options.duration)
	measured := make([]samples, options.clients)
	failures := make([]error, options.clients)
	var violations atomic.Int64
	var group sync.WaitGroup
	for index, mutex := range mutexes {
		group.Go(func() {
			failures[index] = loop(mutex, locks[index], started, from, to, &violations, &measured[index])
		})
	}
	group.Wait()
	if err := errors.Join(failures...); err != nil {
		return nil, err
	}
	return summarize(options, measured, from, to, violations.Load()), nil
}

func connect(options settings) ([]*clientv3.Client, error) {
	var connections []*clientv3.Client
	for range options.connections {
		connection, err := clientv3.New(clientv3.Config{
			Endpoints: options.endpoints, DialTimeout: dialTimeout, Logger: zap.NewNop(),
		})
		if err != nil {
			return connections, err
		}
		connections = append(connections, connection)
	}
	return connections, nil
}

func openSessions(options settings, connections []*clientv3.Client) ([]*concurrency.Mutex, error) {
	mutexes := make([]*concurrency.Mutex, options.clients)
	for index := range mutexes {
		connection := connections[index%len(connections)]
		session, err := concurrency.NewSession(connection, concurrency.WithTTL(sessionTTLSeconds))
		if err != nil {
			return nil, err
		}
		key := fmt.Sprintf("/%s/%d", options.prefix, index)
		if options.shared {
			key = fmt.Sprintf("/%s/shared", options.prefix)
		}
		mutexes[index] = concurrency.NewMutex(session, key)
	}
	return mutexes, nil
}

// Locks and unlocks until the end; counts what ends in the measured part.
func loop(
	mutex *concurrency.Mutex, lock *watched, started, from, to time.Time,
	violations *atomic.Int64, measured *samples,
) error {
	for {
		began := time.Now()
		if began.After(to) {
			return nil
		}
		ctx, cancel := context.WithTimeout(context.Background(), operationTimeout)
		if err := mutex.Lock(ctx); err != nil {
			cancel()
			return err
		}
		locked := time.Now()
		released := lock.releasedAt.Load()
		if lock.holders.Add(1) != 1 {
			violations.Add(1)
		}
		// Gives a second holder, if there is one, the chance to be seen.
		runtime.Gosched()
		lock.holders.Add(-1)
		lock.releasedAt.Store(int64(time.Since(started)))
		if err := mutex.Unlock(ctx); err != nil {
			cancel()
			return err
		}
		cancel()
		ended := time.Now()
		measured.total++
		if ended.Before(from) || ended.After(to) {
			continue
		}
		measured.pairs = append(measured.pairs, int64(ended.Sub(began)))
		if released > 0 {
			measured.handovers = append(measured.handovers, int64(locked.Sub(started))-released)
		}
	}
}

func summarize(
	options settings, measured []samples, from, to time.Time, violations int64,
) *result {
	var pairs, handovers []int64
	total := 0
	for _, each := range measured {
		total += each.total
		pairs = append(pairs, each.pairs...)
		handovers = append(handovers, each.handovers...)
	}
	seconds := options.duration.Seconds()
	outcome := &result{
		Clients: options.clients, Connections: options.connections,
		Pairs: len(pairs), Seconds: seconds, PairsPerSecond: float64(len(pairs)) / seconds,
		Pair:      percentiles(pairs),
		StartedMs: from.UnixMilli(), EndedMs: to.UnixMilli(), Violations: violations,
		PairsTotal: total, CPUSeconds: cpuSeconds(),
	}
	if options.shared {
		between := percentiles(handovers)
		outcome.Handover = &between
	}
	return outcome
}

// What this process has used so far.
func cpuSeconds() float64 {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano()).Seconds()
}

// Sorts what it is given.
func percentiles(nanoseconds []int64) latencies {
	if len(nanoseconds) == 0 {
		return latencies{}
	}
	sort.Slice(nanoseconds, func(i, j int) bool { return nanoseconds[i] < nanoseconds[j] })
	at := func(part float64) int64 {
		index := min(len(nanoseconds)-1, int(float64(len(nanoseconds))*part))
		return nanoseconds[index] / int64(time.Microsecond)
	}
	return latencies{at(0.5), at(0.99), at(0.999)}
}
