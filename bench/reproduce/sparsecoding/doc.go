// Package sparsecoding is the common part of the two sparse-coding papers, packages rangamani and nguyen: train's Stepper of the
// tied autoencoder, weights at a distance from a dictionary, and how well active units are the support of a code.
//
//	net, err := sparsecoding.Load(ctx, exec, train.Config{
//		Model: sparsecoding.Tied(784, 10, train.TiedConfig{Bias: "fixed"}), Data: mixture, Batch: 1000,
//		Optimizer: sparsecoding.NormalisedDescent(2, 784),
//	}, dictionary)
//	defer net.Close()
//	err = net.SetWeights(0, sparsecoding.Near(dictionary, 10, 0.3, seed))
//	loss, err := net.Step()
//
// A paper's loop decides which batches a net sees and what is measured after a step; everything else is package train's.
package sparsecoding
