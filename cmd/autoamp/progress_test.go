package main

import (
	"bytes"
	"math"
	"testing"
	"time"

	"autoamp/train"
)

// TestProgressLines checks the lines where there is no terminal: one every 30 seconds, with a test error only if there is one.
func TestProgressLines(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	p := newProgress(&app{stderr: &out})
	for s := 1; s <= 100; s++ {
		now := train.Progress{Step: 10 * s, Steps: 1000, TrainMSE: 0.5, TestMSE: math.NaN(), Elapsed: time.Duration(s) * time.Second}
		if s > 50 {
			now.TestMSE = 0.25
		}
		p.update(now)
	}
	want := "step 300 of 1000, train 0.5000, 30s\nstep 600 of 1000, train 0.5000, test 0.2500, 1m0s\nstep 900 of 1000, train 0.5000, test 0.2500, 1m30s\n"
	if out.String() != want {
		t.Errorf("%s\nwant\n%s", out.String(), want)
	}
	quiet := newProgress(&app{stderr: &out, quiet: true})
	quiet.update(train.Progress{Step: 1, Steps: 2, Elapsed: time.Hour})
	if out.String() != want {
		t.Errorf("quiet: %s", out.String())
	}
}
