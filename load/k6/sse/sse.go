// Package sse gives a k6 script a viewer of a server-sent event stream: it watches for a while and tells what it saw.
//
//	import { watch } from "k6/x/sse";
//	const seen = watch(url, { seconds: 20, lastEventId: "17" }, (event) => …);   // event: {id, name, data}
//	seen: {status, events, lastEventId, error}; lastEventId and error are "" where there is none
//
// The callback may be left out. The call returns when the time is over, the stream ends or the test is stopped.
package sse

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/grafana/sobek"
	"go.k6.io/k6/js/common"
	"go.k6.io/k6/js/modules"
	"go.k6.io/k6/metrics"
)

const (
	secondsDefault = 10
	frameBytesMax  = 1 << 20 // an INIT, a RESET or one change is far below
)

func init() { modules.Register("k6/x/sse", new(rootModule)) }

type rootModule struct{}

// viewer is one virtual user's: its methods run on that user's own goroutine.
type viewer struct {
	vu        modules.VU
	connected *metrics.Metric // ms until the head of the answer
	events    *metrics.Metric
	refused   *metrics.Metric
}

func (*rootModule) NewModuleInstance(vu modules.VU) modules.Instance {
	registry := vu.InitEnv().Registry
	return &viewer{
		vu:        vu,
		connected: registry.MustNewMetric("sse_connecting", metrics.Trend, metrics.Time),
		events:    registry.MustNewMetric("sse_events", metrics.Counter),
		refused:   registry.MustNewMetric("sse_refused", metrics.Counter),
	}
}

func (v *viewer) Exports() modules.Exports {
	return modules.Exports{Named: map[string]any{"watch": v.watch}}
}

type wish struct {
	Seconds     float64 `js:"seconds"`
	LastEventID string  `js:"lastEventId"`
}

type seen struct {
	Status      int    `js:"status"`
	Events      int    `js:"events"`
	LastEventID string `js:"lastEventId"`
	Error       string `js:"error"`
}

type event struct {
	ID   string `js:"id"`
	Name string `js:"name"`
	Data string `js:"data"`
}

func (v *viewer) watch(url string, options sobek.Value, tell sobek.Callable) seen {
	state, runtime := v.vu.State(), v.vu.Runtime()
	if state == nil {
		common.Throw(runtime, errors.New("watch: a stream is for virtual users, not for the init stage"))
	}
	asked := wish{Seconds: secondsDefault}
	if !common.IsNullish(options) {
		if err := runtime.ExportTo(options, &asked); err != nil {
			common.Throw(runtime, err)
		}
	}
	ctx, done := context.WithTimeout(v.vu.Context(), time.Duration(asked.Seconds*float64(time.Second)))
	defer done()

	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		common.Throw(runtime, err)
	}
	request.Header.Set("Accept", "text/event-stream")
	if asked.LastEventID != "" {
		request.Header.Set("Last-Event-ID", asked.LastEventID)
	}
	transport := &http.Transport{DialContext: state.Dialer.DialContext, DisableCompression: true}
	defer transport.CloseIdleConnections()
	began := time.Now()
	answer, err := transport.RoundTrip(request)
	if err != nil {
		return seen{Error: unlessOver(ctx, err)}
	}
	defer answer.Body.Close()
	v.sample(v.connected, float64(time.Since(began))/float64(time.Millisecond))
	result := seen{Status: answer.StatusCode}
	if answer.StatusCode != http.StatusOK {
		v.sample(v.refused, 1)
		return result
	}
	result.Error = unlessOver(ctx, read(answer.Body, func(one event) error {
		result.Events++
		if one.ID != "" {
			result.LastEventID = one.ID
		}
		v.sample(v.events, 1)
		if tell == nil {
			return nil
		}
		_, err := tell(sobek.Undefined(), runtime.ToValue(one))
		return err
	}))
	return result
}

// read cuts a stream into events until it ends; comments (heartbeats) are passed over.
func read(stream io.Reader, tell func(event) error) error {
	lines := bufio.NewScanner(stream)
	lines.Buffer(make([]byte, 4096), frameBytesMax)
	var one event
	var data []string
	for lines.Scan() {
		line := lines.Text()
		if line == "" {
			if data != nil {
				one.Data = strings.Join(data, "\n")
				if err := tell(one); err != nil {
					return err
				}
			}
			one, data = event{}, nil
			continue
		}
		field, value, _ := strings.Cut(line, ":")
		value = strings.TrimPrefix(value, " ")
		switch field {
		case "event":
			one.Name = value
		case "id":
			one.ID = value
		case "data":
			data = append(data, value)
		}
	}
	return lines.Err()
}

// unlessOver is the fault's text, or nothing where the time was simply over.
func unlessOver(ctx context.Context, err error) string {
	if err == nil || ctx.Err() != nil {
		return ""
	}
	return err.Error()
}

func (v *viewer) sample(metric *metrics.Metric, value float64) {
	state := v.vu.State()
	current := state.Tags.GetCurrentValues()
	metrics.PushIfNotDone(v.vu.Context(), state.Samples, metrics.Sample{
		TimeSeries: metrics.TimeSeries{Metric: metric, Tags: current.Tags},
		Time:       time.Now(),
		Metadata:   current.Metadata,
		Value:      value,
	})
}
