// Package speed makes the speed suite of package bench an experiment of package reproduce. So an interrupted suite
// continues, and the report shows its figure and its claim that every peer is slower.
//
//	outcomes, err := reproduce.Suite(ctx, []*reproduce.Experiment{speed.Experiment(bench.NewSuite(settings))}, where)
//	table := speed.Table(outcomes[0])
package speed
