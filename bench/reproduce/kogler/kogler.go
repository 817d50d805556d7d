package kogler

import "autoamp/bench/reproduce"

const paperName = "Kögler et al. (ICML 2024)"

// Experiments lists the figures of the paper in its order, then three claims of its text.
func Experiments() []*reproduce.Experiment {
	return []*reproduce.Experiment{
		figure1(), figure2(), figure3(), figure4(), figure5(), figure6(), figure7(), figure8(), figure9(),
		figure10(), figure11(), figure12(), figure13(), figure14(), figure15(), figure16(), figure17(),
		deepDecoders(), theorem41(), tau(),
	}
}
