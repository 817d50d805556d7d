package config

import (
	"errors"
	"strings"
	"testing"
)

func TestDistance(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		a, b string
		want int
	}{{"", "abc", 3}, {"kitten", "sitting", 3}, {"flaw", "lawn", 2}, {"same", "same", 0}} {
		if got := Distance(test.a, test.b); got != test.want {
			t.Errorf("Distance(%q, %q) = %d, want %d", test.a, test.b, got, test.want)
		}
	}
}

// Every setting of the table is a key, and its value is read, set and got again.
func TestKeys(t *testing.T) {
	t.Parallel()
	for _, s := range Settings() {
		if err := Known(s.Key); err != nil {
			t.Error(err)
		}
	}
	for key, want := range map[string]string{
		"modl.rate": "near to it: model.rate", "model": "is a section", "": "is no setting",
		"optimizer.lr": "near to it: optimizer.learning_rate", "lrr": "near to it: optimizer.learning_rate", "device": "is no setting; autoamp train --help lists them",
	} {
		if err := Known(key); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", key, err, want)
		}
	}
}

// Problems are all that Validate would report one after the other.
func TestProblems(t *testing.T) {
	t.Parallel()
	c, err := Parse([]byte("model: {rate: -1, dim: -3}\ndata: {p: [2]}\nevaluation: {batches: -4}"))
	if err != nil {
		t.Fatal(err)
	}
	var fields []string
	for _, problem := range c.Problems() {
		var of *Error
		if !errors.As(problem, &of) {
			t.Fatal(problem)
		}
		fields = append(fields, of.Field)
	}
	if got := strings.Join(fields, " "); got != "model.rate model.dim data.p evaluation.batches" {
		t.Errorf("%s", got)
	}
	if err := c.Validate(); err.Error() != c.Problems()[0].Error() {
		t.Error(err)
	}
}

func TestValue(t *testing.T) {
	t.Parallel()
	base, err := Parse([]byte("data: {name: sparse-rademacher, p: [0.3]}"))
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		key, text string
		want      any
	}{
		{"model.rate", "0.5", 0.5}, {"model.dim", "64", 64}, {"data.p", "0.9", 0.9}, {"seeds", "7", uint64(7)},
		{"model.name", "shallow", "shallow"}, {"optimizer.project", "false", false}, {"optimizer.learning_rate", "3e-4", 3e-4},
	} {
		v, err := NewValue(base, test.key, test.text)
		if err != nil {
			t.Errorf("%s: %v", test.key, err)
			continue
		}
		c := base
		v.Set(&c)
		if got := c.WithDefaults().Get(test.key); got != test.want {
			t.Errorf("%s = %s is read as %v", test.key, test.text, got)
		}
	}
	for _, bad := range [][2]string{{"model.dim", "1.5"}, {"model.dim", "0"}, {"steps", "many"}, {"data.q", "1"}, {"batch", "0x10"}} {
		if _, err := NewValue(base, bad[0], bad[1]); err == nil || !strings.Contains(err.Error(), bad[0]) {
			t.Errorf("%s = %s: %v", bad[0], bad[1], err)
		}
	}
}
