package tensorboard

import (
	"time"

	"autoamp/train/internal/wire"
)

// event is an Event: a time, a step, and the fields that say what happened.
func event(at time.Time, step int) (m wire.Message) {
	m.Double(1, float64(at.UnixMicro())/1e6)
	m.Int(2, int64(step))
	return m
}

// version is the first event of a file.
func version(at time.Time) wire.Message {
	m := event(at, 0)
	m.Text(3, "brain.Event:2")
	return m
}

// sessionStart is the event after which steps from step on are new: TensorBoard forgets those that it has read before.
func sessionStart(at time.Time, step int) wire.Message {
	const start = 1 // SessionLog.START
	var log wire.Message
	log.Int(1, start)
	m := event(at, step)
	m.Sub(7, log)
	return m
}

// summary is an event with values.
func summary(at time.Time, step int, values []wire.Message) wire.Message {
	var list wire.Message
	for _, v := range values {
		list.Sub(1, v)
	}
	m := event(at, step)
	m.Sub(5, list)
	return m
}

// scalar is a Summary.Value of a number.
func scalar(tag string, v float64) (m wire.Message) {
	m.Text(1, tag)
	m.Float(2, float32(v))
	return m
}

// image is a Summary.Value of a picture in PNG.
func image(tag string, width, height int, png []byte) (m wire.Message) {
	const rgb = 3
	var picture wire.Message
	picture.Int(1, int64(height))
	picture.Int(2, int64(width))
	picture.Int(3, rgb)
	picture.Sub(4, png)
	m.Text(1, tag)
	m.Sub(4, picture)
	return m
}
