//go:build gpu

package cuda

import "autoamp/graph"

// project puts the rows of weights back on the unit sphere.
func (l *loaded) project() error {
	for _, in := range l.projections {
		w := l.Buffers[in.In[0]]
		if err := l.rowKernel("Project", w, l.tensor(in.In[0]), int32(w.Rows()), int32(w.Cols()), l.states()); err != nil {
			return err
		}
	}
	return nil
}

// normalisedStep moves every weight along its gradient, and the rows of matrices back to the unit sphere.
func (l *loaded) normalisedStep() error {
	for _, in := range l.steps {
		w := l.Buffers[in.In[0]]
		var g, sum tensor
		if b := in.In[1]; l.Buffers[b].Kind == graph.Reduction {
			sum = l.sumTotal(b)
		} else {
			g = l.tensor(b)
		}
		err := l.rowKernel("Normalised", w, l.tensor(in.In[0]), g, sum, int32(w.Rows()), int32(w.Cols()), number(len(w.Shape) > 1), l.clip(), l.states())
		if err != nil {
			return err
		}
	}
	return nil
}
