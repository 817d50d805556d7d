package serve

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"

	"gonum.org/v1/plot/vg"

	"autoamp/train/config"
	"autoamp/train/figure"
	"autoamp/train/report"
	"autoamp/train/rundir"
)

// mostPictured is the most values of p whose matrices are shown.
const mostPictured = 8

// checkpointsOf lists the checkpoints of a run with the pictures of the first seed of each p.
func checkpointsOf(e *entry) []Checkpoint {
	out := []Checkpoint{}
	steps, err := rundir.Steps(e.run.Dir)
	if err != nil || len(steps) == 0 {
		return out
	}
	matrices := report.Matrices(modelOf(e.run.Settings))
	for _, step := range steps {
		c := Checkpoint{Step: step, Pictures: []Picture{}}
		for i, p := range e.run.Points[:min(len(e.run.Points), mostPictured)] {
			replica := i * e.run.Seeds
			for _, m := range matrices {
				c.Pictures = append(c.Pictures, Picture{
					Replica: replica, P: Number(p.P), Name: m.Name, Title: m.Title,
					URL: address("run", e.id, "picture", strconv.FormatUint(step, 10), strconv.Itoa(replica), m.Name+".png"),
				})
			}
		}
		out = append(out, c)
	}
	return out
}

// modelOf is the part of a configuration that decides which matrices there are.
func modelOf(settings map[string]string) config.ModelConfig {
	dim, _ := config.ParseInt(settings["model.dim"]) // the run was read: these are numbers
	rate, _ := config.ParseFloat(settings["model.rate"])
	return config.ModelConfig{Name: settings["model.name"], Dim: dim, Rate: rate, Tied: settings["model.tied"] == "true", Encoder: settings["model.encoder"]}
}

// pictures draws matrices one at a time, on one core, and keeps the newest.
type pictures struct {
	drawing chan struct{} // holds one who draws

	mu   sync.Mutex
	kept []pictured // the newest last
}

// pictured is a picture that was drawn.
type pictured struct {
	key string
	png []byte
}

// keepPictures is the number of pictures that are kept.
const keepPictures = 200

func newPictures() *pictures { return &pictures{drawing: make(chan struct{}, 1)} }

// find returns a picture that is kept, or nil.
func (k *pictures) find(key string) []byte {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, p := range k.kept {
		if p.key == key {
			return p.png
		}
	}
	return nil
}

// draw returns a picture, drawn now if it is not kept.
func (k *pictures) draw(ctx context.Context, key string, paint func() ([]byte, error)) ([]byte, error) {
	select {
	case k.drawing <- struct{}{}:
		defer func() { <-k.drawing }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if png := k.find(key); png != nil {
		return png, nil
	}
	png, err := paint()
	if err != nil {
		return nil, err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.kept = append(k.kept, pictured{key, png})
	k.kept = slices.Clone(k.kept[max(0, len(k.kept)-keepPictures):])
	return png, nil
}

// picture answers with a matrix of a checkpoint.
func (s *Server) picture(w http.ResponseWriter, r *http.Request) {
	e, ok := s.run(w, r)
	if !ok {
		return
	}
	name, isPNG := strings.CutSuffix(r.PathValue("name"), ".png")
	step, err := strconv.ParseUint(r.PathValue("step"), 10, 64)
	replica, err2 := strconv.Atoi(r.PathValue("replica"))
	if !isPNG || errors.Join(err, err2) != nil || replica < 0 {
		s.fail(w, http.StatusNotFound, fmt.Errorf("no such picture: %q", r.URL.Path))
		return
	}
	path := rundir.PathAt(e.run.Dir, step)
	info, err := os.Stat(path)
	if err != nil {
		s.fail(w, http.StatusNotFound, fmt.Errorf("checkpoint of step %d %w", step, errGone))
		return
	}
	key := fmt.Sprintf("%s %v %d %s", path, info.ModTime(), replica, name) // another run may be at this place later
	png, err := s.pictures.draw(r.Context(), key, func() ([]byte, error) { return paintMatrix(path, replica, name) })
	if err != nil {
		s.fail(w, http.StatusNotFound, err)
		return
	}
	s.send(w, "image/png", png)
}

// paintMatrix draws a matrix of a checkpoint, with its colour bar.
func paintMatrix(path string, replica int, name string) ([]byte, error) {
	checkpoint, err := rundir.Open(path)
	if err != nil {
		return nil, err
	}
	if replicas := len(checkpoint.Config.Replicas()); replica >= replicas {
		return nil, fmt.Errorf("replica %d: must be below %d", replica, replicas)
	}
	matrices := report.Matrices(checkpoint.Config.Model)
	i := slices.IndexFunc(matrices, func(m report.Matrix) bool { return m.Name == name })
	if i < 0 {
		return nil, fmt.Errorf("no matrix %q of this model", name)
	}
	weights, err := checkpoint.Weights(replica)
	if err != nil {
		return nil, err
	}
	painted := figure.HeatMap{Title: matrices[i].Title, M: matrices[i].Of(weights)}
	return figure.Render(figure.PNG, 3*vg.Inch, 3.45*vg.Inch, painted.Paint)
}
