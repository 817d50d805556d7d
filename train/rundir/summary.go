package rundir

import (
	"fmt"
	"path/filepath"

	"autoamp/amp"
	"autoamp/datasets"
	"autoamp/datasets/durable"
	"autoamp/train/config"
)

// Summary is the result of a finished run: summary.json, and the last line of train --json.
//
// The fields of the first Point stand at the top, for runs with one p.
type Summary struct {
	TestMSE       float64            `json:"test_mse"`        // of Points[0]
	TestMSEStderr float64            `json:"test_mse_stderr"` // of Points[0]
	Converged     *bool              `json:"converged"`       // of all Points; null where none is judged
	TrainSteps    int                `json:"train_steps"`     // optimizer updates
	WallS         float64            `json:"wall_s"`          // seconds, evaluation and earlier sessions included
	MsPerStep     float64            `json:"ms_per_step"`     // per update of all replicas, without evaluation
	Device        string             `json:"device"`          // of the executor
	Theory        *amp.Prediction    `json:"theory"`          // of Points[0], with its finite-d correction
	Out           string             `json:"out"`             // the run directory, empty if there is none
	Data          *DataSummary       `json:"data,omitempty"`  // of a data set
	Model         config.ModelConfig `json:"model"`
	// Coherence is the coherence of the dictionary, for data of a dictionary model.
	Coherence *datasets.Coherence `json:"coherence,omitempty"`
	Points    []Point             `json:"points"` // by p, in the order of the Config
	Runs      []RunResult         `json:"runs"`   // by replica
	// Environment is nil for a run that an earlier version finished.
	Environment *Environment `json:"environment,omitempty"`
}

// DataSummary describes a data set as the model sees it.
type DataSummary struct {
	TrainingRows int `json:"training_rows"`
	TestRows     int `json:"test_rows"` // held out
	// TrainingSquare and TestSquare are the mean squares of a number in the training rows and in the held-out rows. The
	// theory is about the training rows. Where the training rows are few or whitened, the held-out rows can have another
	// mean square: compare an error on rows with the mean square of the same rows.
	TrainingSquare float64 `json:"training_square"`
	TestSquare     float64 `json:"test_square"`
}

// Point is the result at one p: the mean over its seeds.
type Point struct {
	P       float64 `json:"p"`
	TestMSE float64 `json:"test_mse"`
	// TestMSEStderr is the standard error of TestMSE: from the spread over seeds or, where that
	// is larger (one seed, or few that agree by luck), from the evaluation alone.
	TestMSEStderr float64 `json:"test_mse_stderr"`
	// TrainMSE is the mean of RunResult.TrainMSE: for a data set, the error on rows that the model saw.
	TrainMSE float64 `json:"train_mse"`
	// Candidate names the encoder with the smallest error that this model can reach: haar, identity, time-sharing, spiked or paired,
	// beside a denoiser "spiked, linear" or "paired, linear". It is empty where there is no theory. Expected is the theory's error for it at this d, 0 where there is no theory, or none at so
	// small a d (amp.NewFiniteDim). Gap is TestMSE/Expected − 1, and null where Expected is 0. Limit is Expected as d → ∞.
	//
	// For a data set, Expected is the error for rows that differ in energy as the training rows do, amp.RowLaw. Limit is
	// the error for independent coordinates or, with a linear decoder, for Gaussian rows with the spectrum of the data.
	Candidate string   `json:"candidate"`
	Expected  float64  `json:"expected"`
	Limit     float64  `json:"limit"`
	Gap       *float64 `json:"gap"`
	// Converged is false where the loss still falls at the end of the run, or a replica's error is above Expected; Reason says
	// which, and Advice what may help. It is null for alternating minimisation and for the sparse-coding models, which have other
	// measures.
	Converged *bool  `json:"converged"`
	Reason    string `json:"reason,omitempty"`
	Advice    string `json:"advice,omitempty"`
	// Permutation is the mean over seeds of Structure.Permutation, which a phase transition switches; PermutationStderr is
	// its standard error over seeds, 0 for one.
	Permutation       float64         `json:"permutation"`
	PermutationStderr float64         `json:"permutation_stderr"`
	Theory            *amp.Prediction `json:"theory"`
}

// RunResult is the result of one replica.
type RunResult struct {
	Replica       int       `json:"replica"`
	Seed          uint64    `json:"seed"`
	P             float64   `json:"p"`
	TestMSE       float64   `json:"test_mse"`
	TestMSEStderr float64   `json:"test_mse_stderr"` // over the batches of the final evaluation
	TrainMSE      float64   `json:"train_mse"`       // mean over the last row's window
	Plateaus      []Plateau `json:"plateaus"`
	Drops         []Drop    `json:"drops"`
	Structure     Structure `json:"structure"` // of the trained weights
	// GDMin is for alternating minimisation only.
	GDMin *GDMinResult `json:"gdmin,omitempty"`
}

// StoredSummary is summary.json: the summary and the extents of the files of rows.
type StoredSummary struct {
	*Summary
	Rows map[string]Extent `json:"rows"` // of the finished run
}

// maxSummaryBytes bounds summary.json.
const maxSummaryBytes = 1 << 28

// WriteSummary writes summary.json. The file's presence marks the run as finished.
func (d *Directory) WriteSummary(s *Summary, rows map[string]Extent) error {
	if err := durable.WriteJSON(d.Disk, d.File(SummaryFile), StoredSummary{s, rows}); err != nil {
		return fmt.Errorf("train: summary: %w", err)
	}
	return nil
}

// ReadSummary reads summary.json of a run directory.
func ReadSummary(dir string) (*StoredSummary, error) {
	s := &StoredSummary{}
	if err := durable.ReadJSON(filepath.Join(dir, SummaryFile), maxSummaryBytes, s); err != nil {
		return nil, err
	}
	return s, nil
}
