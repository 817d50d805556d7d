package gdmin

import "testing"

// A fit and a gradient at d = 400, r = ½, p = 0.3: one step of one replica, 60 masks.
func BenchmarkMaskStep(b *testing.B) {
	o := newMaskObjective(gdminConfig(200, 400, 60), replicaAt(0.3))
	rows := gaussianRows(200, 400)
	for step := uint64(0); b.Loop(); step++ {
		a, _, err := o.fit(rows, step)
		if err != nil {
			b.Fatal(err)
		}
		o.gradient(rows, a)
	}
}
