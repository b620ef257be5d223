// Command bareapply fills an API server with objects by server-side apply, as fast as it goes with a
// fixed number of calls in flight: what a platform that applies deployments is measured against.
//
// It reads the manifest from standard input, in which NAME stands for each object's name, and
// prints one line of JSON: how many were applied, in how many seconds, and the calls' latencies.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"sort"
	"sync"
	"sync/atomic"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
)

type result struct {
	Count   int     `json:"count"`
	Seconds float64 `json:"seconds"`
	P50Ms   float64 `json:"p50Ms"`
	P99Ms   float64 `json:"p99Ms"`
}

func main() {
	kubeconfig := flag.String("kubeconfig", "", "path of the kubeconfig")
	namespace := flag.String("namespace", "default", "namespace of the objects")
	prefix := flag.String("prefix", "bare", "prefix of their names")
	count := flag.Int("count", 1000, "how many objects")
	inFlight := flag.Int("in-flight", 16, "calls at the same time")
	flag.Parse()
	outcome, err := run(*kubeconfig, *namespace, *prefix, *count, *inFlight)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	json.NewEncoder(os.Stdout).Encode(outcome)
}

func run(kubeconfig, namespace, prefix string, count, inFlight int) (*result, error) {
	template, err := io.ReadAll(os.Stdin)
	if err != nil {
		return nil, err
	}
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return nil, err
	}
	// No limit of the client's own: the API server is what is measured.
	config.QPS = -1
	clients, err := kubernetes.NewForConfig(config)
	if err != nil {
		return nil, err
	}
	latencies := make([]float64, count)
	var next atomic.Int64
	var failure atomic.Pointer[error]
	var group sync.WaitGroup
	started := time.Now()
	for worker := 0; worker < inFlight; worker++ {
		group.Go(func() {
			for {
				index := int(next.Add(1)) - 1
				if index >= count || failure.Load() != nil {
					return
				}
				name := fmt.Sprintf("%s-%d", prefix, index)
				body := bytes.ReplaceAll(template, []byte("NAME"), []byte(name))
				began := time.Now()
				err := clients.AppsV1().RESTClient().Patch(types.ApplyYAMLPatchType).
					Namespace(namespace).Resource("deployments").Name(name).
					Param("fieldManager", "bareapply").Param("force", "true").
					Body(body).Do(context.Background()).Error()
				if err != nil {
					failure.CompareAndSwap(nil, &err)
					return
				}
				latencies[index] = float64(time.Since(began).Microseconds()) / 1000
			}
		})
	}
	group.Wait()
	if err := failure.Load(); err != nil {
		return nil, *err
	}
	seconds := time.Since(started).Seconds()
	sort.Float64s(latencies)
	return &result{count, seconds, latencies[count/2], latencies[count*99/100]}, nil
}
