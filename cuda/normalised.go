//go:build gpu

package cuda

import "autoamp/graph"

// project puts the rows of a weight back on the unit sphere.
func (l *loaded) project(in graph.Instr) error {
	w := l.Buffers[in.In[0]]
	return l.rowKernel("Project", w, l.tensor(in.In[0]), int32(w.Rows()), int32(w.Cols()), l.states())
}

// normalisedStep moves a weight along its gradient, and the rows of a matrix back to the unit sphere.
func (l *loaded) normalisedStep(in graph.Instr) error {
	w := l.Buffers[in.In[0]]
	var g, sum tensor
	if b := in.In[1]; l.Buffers[b].Kind == graph.Reduction {
		sum = l.sumTotal(b)
	} else {
		g = l.tensor(b)
	}
	return l.rowKernel("Normalised", w, l.tensor(in.In[0]), g, sum, int32(w.Rows()), int32(w.Cols()), number(len(w.Shape) > 1), l.clip(), l.states())
}
