// Package program compiles a configuration: the model, one step of its training and one batch of its evaluation, and lists the
// tensors that a checkpoint of it holds.
package program
