package rundir

import (
	"errors"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"

	"autoamp/graph"
)

// Structure measures the distance of a model to the theory's two candidates, the weight-tied Haar encoder and the
// identity. With short = min(n, d) and B's rows of unit length:
type Structure struct {
	// GramRMS and GramMax are the root mean square and the largest size of the entries off the diagonal of BBᵀ or, for
	// n > d, of (d/n)·BᵀB. Both are 0 for either candidate; random rows have GramRMS = 1/√max(n, d).
	GramRMS float64 `json:"gram_rms"`
	GramMax float64 `json:"gram_max"`
	// Tied, the column tied of structure.csv, is a distance and neither the model tied nor the setting model.tied (--tied):
	// it is min over α of ‖AB − α·BᵀB‖/‖AB‖ (Frobenius): 0 where the decoder is a multiple of Bᵀ on B's rows, 1 where the
	// decoder is unrelated to Bᵀ. It is null for a model without a linear decoder A behind the encoder.
	Tied *float64 `json:"tied"`
	// Permutation is the distance ‖B − P‖/√short to the nearest signed permutation P: for n ≤ d every row of P has one ±1,
	// in columns of their own; for n > d only d rows, one for each column, are chosen and compared. It is 0 for such a P and
	// near √2 for a large Haar matrix, at d = 100 about 1.3.
	Permutation float64 `json:"permutation"`
	// EmptyColumns is the share of B's d columns with an energy Σ_i B_ij² of at most EmptyColumn. The mean energy is n/d; a
	// large Haar matrix has no such column. Below the rate r* of amp/THEORY.md §6.2 a sparse law's best encoder leaves the
	// share 1 − r/r* of the coordinates without bits.
	EmptyColumns float64 `json:"empty_columns"`
	// PermutationRows is the share of the rows that are like a permutation's: with an entry whose square is more than half of
	// the row's. It is 1 for a signed permutation and 0 for a large Haar matrix.
	PermutationRows float64 `json:"permutation_rows"`
}

// EmptyColumn is the energy up to which a column of an encoder with unit rows counts as empty.
const EmptyColumn = 0.02

// StructureHeader names the columns of structure.csv.
var StructureHeader = []string{"step", "replica", "seed", "p", "gram_rms", "gram_max", "tied", "permutation", "empty_columns", "permutation_rows"}

// Fields are the columns of a row of structure.csv.
func (s Structure) Fields(step, replica int, rep graph.Replica) []string {
	tied := ""
	if s.Tied != nil {
		tied = Decimal(*s.Tied)
	}
	return []string{
		strconv.Itoa(step), strconv.Itoa(replica), strconv.FormatUint(rep.Seed, 10), Decimal(rep.P),
		Decimal(s.GramRMS), Decimal(s.GramMax), tied, Decimal(s.Permutation), Decimal(s.EmptyColumns), Decimal(s.PermutationRows),
	}
}

// StructureRow is a line of structure.csv: one replica after a number of steps.
type StructureRow struct {
	Step, Replica int
	Seed          uint64
	P             float64
	Structure
}

// ParseStructure reads a line of structure.csv.
func ParseStructure(line string) (StructureRow, error) {
	f := strings.Split(line, ",")
	if len(f) != len(StructureHeader) {
		return StructureRow{}, fmt.Errorf("a line with %d fields, want %d", len(f), len(StructureHeader))
	}
	var r StructureRow
	var errs [4]error
	r.Step, errs[0] = strconv.Atoi(f[0])
	r.Replica, errs[1] = strconv.Atoi(f[1])
	r.Seed, errs[2] = strconv.ParseUint(f[2], 10, 64)
	r.P, errs[3] = strconv.ParseFloat(f[3], 64)
	err := errors.Join(errs[:]...)
	for i, to := range []*float64{&r.GramRMS, &r.GramMax, nil, &r.Permutation, &r.EmptyColumns, &r.PermutationRows} {
		if to == nil && f[4+i] == "" { // tied
			continue
		}
		x, e := strconv.ParseFloat(f[4+i], 64)
		if err = errors.Join(err, e); to == nil {
			r.Tied = &x
		} else {
			*to = x
		}
	}
	return r, err
}

// ReadStructure returns the rows of structure.csv of a run directory, as ReadMetrics does.
func ReadStructure(dir string) ([]StructureRow, error) {
	data, err := readRows(dir, StructureFile)
	if err != nil {
		return nil, fmt.Errorf("train: structure: %w", err)
	}
	lines := strings.Split(strings.TrimSuffix(string(data), "\n"), "\n")
	if lines[0] != strings.Join(StructureHeader, ",") {
		return nil, fmt.Errorf("train: %s: the first line is not %s", filepath.Join(dir, StructureFile), strings.Join(StructureHeader, ","))
	}
	rows := make([]StructureRow, len(lines)-1)
	for i, line := range lines[1:] {
		if rows[i], err = ParseStructure(line); err != nil {
			return nil, fmt.Errorf("train: %s: line %d: %w", filepath.Join(dir, StructureFile), i+2, err)
		}
	}
	return rows, nil
}
