// Package sparsecoding is the common part of the two sparse-coding papers, packages rangamani and nguyen: the tied autoencoder of
// package graph on an executor, weights at a distance from a dictionary, and how well active units are the support of a code.
//
//	net, err := sparsecoding.Load(exec, graph.Config{Batch: 1000, Dim: 784, Code: 10}, sparsecoding.Training{
//		Update: sparsecoding.NormalisedDescent(), Zeta: 2, Source: source,
//	})
//	defer net.Close()
//	err = net.Write(graph.EncoderWeight, 0, sparsecoding.Near(source.Dictionary, 10, 0.3, seed))
//	loss, err := net.Step()
//
// It is not for training a model to keep: that is package train.
package sparsecoding
