// Package program compiles a configuration: the model, one step of its training and one batch of its evaluation. It lists the
// tensors of a checkpoint.
package program
