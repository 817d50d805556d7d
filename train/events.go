package train

import (
	"autoamp/datasets/durable"
	"autoamp/graph"
	"autoamp/train/matrix"
	"autoamp/train/tensorboard"
)

// eventFolder is the folder for event files and its disk; empty if none are wanted, or if nothing is written.
func (r *run) eventFolder() (durable.Disk, string) {
	switch {
	case !r.config.Tensorboard:
		return nil, ""
	case r.EventDir != "":
		return r.Disk, r.EventDir
	case r.dir != nil:
		return r.dir.Disk, r.dir.Path
	}
	return nil, ""
}

// openEvents begins the event files for TensorBoard, if they are wanted.
func (r *run) openEvents() (err error) {
	disk, folder := r.eventFolder()
	if folder == "" {
		return nil
	}
	from := r.step() + 1
	if r.step() == 0 || r.rowMissing() {
		from = r.step()
	}
	var rows []Row
	if r.dir != nil && r.dir.Checkpoint != nil {
		if rows, err = r.earlier(r.dir.Checkpoint); err != nil {
			return err
		}
	}
	if r.events, err = tensorboard.Open(disk, folder, r.config, from, rows); err != nil {
		return err
	}
	return tensorboard.WriteTheory(disk, folder, r.config, r.theory)
}

// recordWeights gives the measurement of a replica's structure and its weights to the event files. With tied weights AB is a
// multiple of BᵀB, and is left out.
func (r *run) recordWeights(s Structure, replica int) error {
	if r.events == nil {
		return nil
	}
	if err := r.events.Structure(s, r.step(), replica, r.replicas[replica]); err != nil {
		return err
	}
	b, a, err := r.matrices(replica)
	if err != nil {
		return err
	}
	if !r.hasWeight(graph.DecoderWeight) {
		a = nil
	}
	return r.events.Weights(matrix.UnitRows(b), a, r.step(), replica)
}

// recordResults writes the results of a finished run into event files, unless they are there and stay. A failure does not fail the
// run: it is a warning, and a resumed run writes them again.
func (r *run) recordResults(s *Summary, stay bool) {
	disk, folder := r.eventFolder()
	if folder == "" || stay && tensorboard.HasResults(folder, r.config) {
		return
	}
	if err := tensorboard.WriteResults(disk, folder, r.config, s); err != nil {
		r.log.Warn("event files", keyError, err)
	}
}
