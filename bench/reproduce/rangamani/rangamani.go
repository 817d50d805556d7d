package rangamani

import "autoamp/bench/reproduce"

const paperName = "Rangamani et al. (2018)"

// Experiments lists the tables, figures and theorems that are reproduced, in the order of the paper.
func Experiments() []*reproduce.Experiment {
	return []*reproduce.Experiment{table1(), figures1To6(), theorem31(), lemmas(), squareOrthogonal(), digits()}
}
