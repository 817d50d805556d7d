package rangamani

import . "autoamp/bench/reproduce"

const paperName = "Rangamani et al. (2018)"

// Experiments lists what is reproduced, in the order of the paper.
func Experiments() []*Experiment {
	return []*Experiment{table1(), figures1To6(), theorem31(), digits()}
}
