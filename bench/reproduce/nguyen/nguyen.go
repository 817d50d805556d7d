package nguyen

import "autoamp/bench/reproduce"

const paperName = "Nguyen, Wong, Hegde (AISTATS 2019)"

// Experiments lists the figures and theorems that are reproduced, in the order of the paper; floors belongs to Theorem 4.
func Experiments() []*reproduce.Experiment {
	return []*reproduce.Experiment{figure2(), figure3(), theorem3(), theorem4(), floors()}
}
