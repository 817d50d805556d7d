package config_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"autoamp/datasets/durable"
	"autoamp/train/config"
)

// TestTextsReadsWhatYAMLWrote compares Texts with a whole reader of YAML.
func TestTextsReadsWhatYAMLWrote(t *testing.T) {
	t.Parallel()
	manySeeds := "seeds=[" + strings.Repeat("1, ", 2000) + "18446744073709551615]"
	for _, overrides := range [][]string{
		nil,
		{"optimizer.epsilon=1e-12", "optimizer.learning_rate=1e-300", "data.p=[1, 0.1, 1e-5]", manySeeds},
		{"data.name=\"npy:a: #'b.npy\"", "data.test=\"npy:yes\\\\n\""},
		{"data.name=\"npy:'é\"", "data.test='npy: a '", "data.sha256=\"-\""},
		{"data.name=\"npy:true\"", "data.test=\"\\\"\"", "data.sha256=\"123\""},
		{"model.name=tied", "data.name=mixture", "model.bias_start=-0.5", "model.rectified=true"},
		{"algorithm=gd-min", "model.name=shallow"},
		{"model.name=deep", "schedule.shape=step", "batch=8"},
	} {
		parsed, err := config.Parse(nil, overrides...)
		if err != nil {
			t.Fatal(overrides, err)
		}
		written, err := parsed.WithDefaults().YAML()
		if err != nil {
			t.Fatal(err)
		}
		got, err := config.Texts(durable.SealText(written))
		if err != nil {
			t.Errorf("%v: %v", overrides, err)
		}
		compareTexts(t, got, written)
	}
}

// compareTexts compares every text, read as a value, with the value that the YAML reader has.
func compareTexts(t *testing.T, got map[string]string, written []byte) {
	t.Helper()
	var tree map[string]any
	if err := yaml.Unmarshal(written, &tree); err != nil {
		t.Fatal(err)
	}
	settings := 0
	for section, value := range tree {
		nested, ok := value.(map[string]any)
		if !ok {
			nested = map[string]any{"": value}
		}
		for name, want := range nested {
			settings++
			text, there := got[strings.TrimSuffix(section+"."+name, ".")]
			if quoted, isText := want.(string); isText && there && text == quoted {
				continue
			}
			var value any
			if err := yaml.Unmarshal([]byte(text), &value); err != nil || !there || fmt.Sprint(value) != fmt.Sprint(want) {
				t.Errorf("%s.%s is %q, want %v (%v)", section, name, text, want, err)
			}
		}
	}
	if len(got) != settings {
		t.Errorf("%d settings, want %d", len(got), settings)
	}
}

// TestTextsRefusesOtherYAML checks that a text in another form is an error and never a wrong setting.
func TestTextsRefusesOtherYAML(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"  p: 1\n", "data: {p: 1}\nx\n", "- a: 1\n", "data:\n    p: 1\n", "\"data\": 1\n", "a: \"\n"} {
		if texts, err := config.Texts([]byte(text)); err == nil {
			t.Errorf("%q is read as %v", text, texts)
		}
	}
	var keys []string
	for _, s := range config.Settings() {
		keys = append(keys, s.Key)
	}
	if slices.ContainsFunc(keys, func(key string) bool { return strings.Count(key, ".") > 1 }) {
		t.Error("a setting is nested deeper than Texts reads")
	}
}
