// Package theory predicts the error of a run. It computes the predictions of package amp for each p of a configuration,
// and it selects the number for the run's model. The theory of a data set needs the rows of the data set: package train
// has them.
package theory
