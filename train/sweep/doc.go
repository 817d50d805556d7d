// Package sweep trains the points of a grid: a File says which settings vary, and every combination is a Cell.
//
//	file, err := sweep.Parse(text)
//	grid, err := file.Expand(0)
//	jobs := grid.Jobs(sweep.CPUReplicas)
//
// Cells that differ only in what replicas may differ in (seed, p, learning rate, mixture mean) are trained side by side, as
// the replicas of one program. Package cells runs them and keeps the results, by a hash of each cell's settings: a value that is
// added to the file adds its own cells, and one that is taken out leaves its results where they are.
//
// A Directory holds a sweep, and any number of workers may work in it: see package cells. This package reads and writes its
// manifest, the table of results, the summary and the figures. Packages local, slurm and kubernetes launch the workers.
package sweep
