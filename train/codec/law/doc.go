// Package law finds the law of a coordinate of given data, so that decoders by inference can use it: one of package amp's laws by
// name, with parameters of greatest likelihood, or the law of the sample itself.
package law
