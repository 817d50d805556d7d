package reproduce

import (
	"fmt"
	"math"
	"testing"
	"testing/synctest"
	"time"

	"autoamp/train"
)

// TestTold does steps of 0.4 s each: every third one is told, and the last.
func TestTold(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var told []train.Progress
		cell := Telling(&Env{Progress: func(p train.Progress) { told = append(told, p) }}, 7)
		for step := range 7 {
			time.Sleep(400 * time.Millisecond)
			cell.Step(float64(step), float64(step)+1)
		}
		var got string
		for _, p := range told {
			got += fmt.Sprintf("%d of %d, %d replicas, train %g, %v\n", p.Step, p.Steps, p.Replicas, p.TrainMSE, p.Elapsed)
			if !math.IsNaN(p.TestMSE) {
				t.Errorf("step %d: test error %g, and none was measured", p.Step, p.TestMSE)
			}
		}
		want := "3 of 7, 2 replicas, train 2.5, 1.2s\n6 of 7, 2 replicas, train 5.5, 2.4s\n7 of 7, 2 replicas, train 6.5, 2.8s\n"
		if got != want {
			t.Errorf("told\n%swant\n%s", got, want)
		}
	})
	Telling(&Env{}, 1).Step(0) // nobody listens
}
