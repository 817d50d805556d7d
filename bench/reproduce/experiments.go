package reproduce

import (
	"cmp"
	"slices"
)

// All lists the experiments, in the order of the papers.
func All() []*Experiment {
	return []*Experiment{
		koglerFig1(), koglerFig2(), koglerFig3(), koglerFig4(), koglerFig5(), koglerFig6(), koglerFig7(), koglerFig8(), koglerFig9(),
		koglerFig10(), koglerFig11(), koglerFig12(), koglerFig13(), koglerFig14(), koglerFig15(), koglerFig16(), koglerFig17(), koglerDeep(), koglerTheorem41(),
		rangamaniTable1(), rangamaniFig1(), rangamaniSupport(), rangamaniMNIST(),
		nguyenFig2(), nguyenFig3(), nguyenTheorem3(), nguyenTheorem4(),
	}
}

// Find returns the experiment of that name, or an *UnknownError.
func Find(name string) (*Experiment, error) {
	var names []string
	for _, e := range All() {
		if e.Name == name {
			return e, nil
		}
		names = append(names, e.Name)
	}
	slices.SortStableFunc(names, func(a, b string) int { return cmp.Compare(edits(name, a), edits(name, b)) })
	return nil, &UnknownError{Name: name, Nearest: names[:min(3, len(names))]}
}

// edits is Levenshtein's distance: how many letters to insert, delete or change.
func edits(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
