package reproduce

import (
	"context"
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
	parts := 0
	cell := CellOf("parts", []int{3, 4}, func(_ context.Context, _ *Env, s int) ([]Row, error) { return []Row{{"s": s}}, nil })
	if _, err := cell.Run(t.Context(), &Env{Progress: func(p train.Progress) {
		if parts = p.Step; p.Steps != 2 || !math.IsNaN(p.TrainMSE) {
			t.Errorf("a part without losses: %+v", p)
		}
	}}); err != nil || parts != 2 {
		t.Errorf("%d of 2 parts are told of: %v", parts, err)
	}
	Telling(&Env{}, 1).Step(0) // nobody listens
}
