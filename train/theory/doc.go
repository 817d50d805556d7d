// Package theory says what a run should reach: the predictions of package amp for each p of a configuration, and which of
// their numbers is that of the run's model. The theory of a data set needs its rows: package train has them.
package theory
