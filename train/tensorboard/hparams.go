package tensorboard

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"google.golang.org/protobuf/encoding/protowire"

	"autoamp/graph"
	"autoamp/train/config"
	"autoamp/train/internal/wire"
	"autoamp/train/rundir"
)

// begun is a Summary.Value with the settings of a replica, a SessionStartInfo. TensorBoard's page of settings has a line for
// each; its columns are the settings of all runs that it has read.
func begun(settings map[string]string, at time.Time) wire.Message {
	var info wire.Message
	for _, key := range slices.Sorted(maps.Keys(settings)) {
		var entry wire.Message
		entry.Text(1, key)
		entry.Sub(2, setting(settings[key]))
		info.Sub(1, entry)
	}
	info.Double(5, float64(at.Unix()))
	return hparams("_hparams_/session_start_info", 3, info)
}

// ended is a Summary.Value that says that a run succeeded, a SessionEndInfo.
func ended(at time.Time) wire.Message {
	const success = 1
	var info wire.Message
	info.Int(1, success)
	info.Double(2, float64(at.Unix()))
	return hparams("_hparams_/session_end_info", 4, info)
}

// hparams is a Summary.Value with an HParamsPluginData. The data are in the value's metadata; the value itself is a tensor with a zero.
func hparams(tag string, field protowire.Number, info wire.Message) (m wire.Message) {
	const (
		tensorClass = 2 // DataClass.DATA_CLASS_TENSOR
		float       = 1 // DataType.DT_FLOAT
	)
	var data, plugin, metadata, dim, shape, zero wire.Message
	data.Sub(field, info)
	plugin.Text(1, "hparams")
	plugin.Sub(2, data)
	metadata.Sub(1, plugin)
	metadata.Int(4, tensorClass)
	dim.Int(1, 1)
	shape.Sub(2, dim)
	zero.Int(1, float)
	zero.Sub(2, shape)
	zero.Sub(5, []byte{0, 0, 0, 0})
	m.Text(1, tag)
	m.Sub(9, metadata)
	m.Sub(8, zero)
	return m
}

// setting is a google.protobuf.Value: a number, a truth value or a text.
func setting(text string) (m wire.Message) {
	if v, err := strconv.ParseFloat(text, 64); err == nil {
		m.Double(2, v)
		return m
	}
	if text == "true" || text == "false" {
		m.Int(4, map[string]int64{"true": 1}[text])
		return m
	}
	m.Text(3, text)
	return m
}

// settingsOf are the settings of a replica as config.yaml has them, with the replica's own p, seed, learning rate and mean.
func settingsOf(c config.Config, r graph.Replica) (map[string]string, error) {
	data, err := c.YAML()
	if err != nil {
		return nil, err
	}
	texts, err := config.Texts(data)
	if err != nil {
		return nil, err
	}
	maps.DeleteFunc(texts, func(key, _ string) bool {
		return key == "seeds" || key == "data.p" || key == "tensorboard" || strings.HasPrefix(key, "replicas.")
	})
	texts["p"], texts["seed"] = rundir.Decimal(r.P), strconv.FormatUint(r.Seed, 10)
	for key, value := range map[string]float64{"optimizer.learning_rate": r.LearningRate, "data.mixture_mean": r.Mean} {
		if _, applies := texts[key]; applies {
			texts[key] = rundir.Decimal(value)
		}
	}
	return texts, nil
}
