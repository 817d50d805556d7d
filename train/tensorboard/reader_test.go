package tensorboard_test

import (
	"context"
	"encoding/binary"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"google.golang.org/protobuf/proto"

	"autoamp/train"
	"autoamp/train/tensorboard/internal/tfevents"
)

// point is a value of a tag.
type point struct {
	Step  int64
	Value float32
}

// series are the values of a folder by tag. TensorBoard has two readers, which treat an interrupted session differently.
type series map[string][]point

// bySession reads as TensorBoard's reader in Python does (plugin_event_accumulator.py, _Purge): a SessionLog that says START
// removes the values of all tags from its step on.
func bySession(t *testing.T, folder string) series {
	t.Helper()
	out := series{}
	for _, e := range eventsIn(t, folder) {
		if e.GetSessionLog().GetStatus() == tfevents.SessionLog_START {
			for tag, points := range out {
				out[tag] = slices.DeleteFunc(points, func(p point) bool { return p.Step >= e.Step })
			}
		}
		out.add(e, func(points []point) []point { return points })
	}
	return out
}

// byStep reads as TensorBoard's data server does (reservoir.rs, preempt): a value removes those of its tag from its step on.
func byStep(t *testing.T, folder string) series {
	t.Helper()
	out := series{}
	for _, e := range eventsIn(t, folder) {
		out.add(e, func(points []point) []point {
			return slices.DeleteFunc(points, func(p point) bool { return p.Step >= e.Step })
		})
	}
	return out
}

// add adds the numbers and, as their widths, the pictures of an event.
func (s series) add(e *tfevents.Event, keep func([]point) []point) {
	for _, v := range e.GetSummary().GetValue() {
		value := v.GetSimpleValue()
		switch v.Value.(type) {
		case *tfevents.Summary_Value_Tensor:
			continue
		case *tfevents.Summary_Value_Image:
			value = float32(v.GetImage().Width)
		}
		s[v.Tag] = append(keep(s[v.Tag]), point{e.Step, value})
	}
}

// eventsIn decodes the event files of a folder in the order of their names. It stops in a file at a record that is cut off or damaged,
// as TensorBoard does.
func eventsIn(t *testing.T, folder string) (events []*tfevents.Event) {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(folder, "*tfevents*"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("%s: %d event files, %v", folder, len(paths), err)
	}
	slices.Sort(paths)
	for _, path := range paths {
		file, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for first := true; ; first = false {
			record, rest, ok := next(file)
			if !ok {
				break
			}
			e := &tfevents.Event{}
			if err := proto.Unmarshal(record, e); err != nil {
				t.Fatalf("%s: %v", path, err)
			}
			if len(e.ProtoReflect().GetUnknown()) > 0 || first != (e.GetFileVersion() == "brain.Event:2") {
				t.Fatalf("%s: event %v: unknown fields, or a file version in a wrong place", path, e)
			}
			events, file = append(events, e), rest
		}
	}
	return events
}

// next takes a record off a file; false if it is not whole or a checksum is another.
func next(file []byte) (record, rest []byte, ok bool) {
	if len(file) < 12 || binary.LittleEndian.Uint32(file[8:]) != maskedBitByBit(file[:8]) {
		return nil, nil, false
	}
	length := binary.LittleEndian.Uint64(file)
	if file = file[12:]; uint64(len(file)) < length+4 {
		return nil, nil, false
	}
	record, rest = file[:length], file[length:]
	return record, rest[4:], binary.LittleEndian.Uint32(rest) == maskedBitByBit(record)
}

// maskedBitByBit is CRC-32C by its definition: the division by the reflected polynomial 0x82f63b78, bit by bit; then TFRecord's mask.
func maskedBitByBit(data []byte) uint32 {
	sum := ^uint32(0)
	for _, b := range data {
		sum ^= uint32(b)
		for range 8 {
			sum = sum>>1 ^ 0x82f63b78*(sum&1)
		}
	}
	sum = ^sum
	return (sum>>15 | sum<<17) + 0xa282ead8
}

// stopAfter is a context that is done once a run has made a number of steps.
func stopAfter(t *testing.T, tr *train.Trainer, steps int) context.Context {
	ctx, cancel := context.WithCancel(t.Context())
	tr.Progress = func(p train.Progress) {
		if p.Step >= steps {
			cancel()
		}
	}
	return ctx
}
