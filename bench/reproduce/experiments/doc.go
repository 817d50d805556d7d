// Package experiments lists the experiments of all papers, by the names that autoamp reproduce takes.
//
//	e, err := experiments.Find("kogler-fig7")
//
// The engine, package reproduce, knows no paper. This package knows all of them, and a paper's package lists its own
// experiments.
package experiments
