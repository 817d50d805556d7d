// Package reproduce runs experiments and compares their numbers with the claims of a paper. An experiment is a figure or a
// table of a paper.
//
//	e, err := experiments.Find("kogler-fig7")
//	outcome, err := reproduce.Run(ctx, e, reproduce.Settings{Params: reproduce.Params{Scale: reproduce.Quick, Seed: 1}, Dir: dir})
//	outcome.Verdict.Write(os.Stdout)
//
// This package is the engine: cells, tables, claims, verdicts, figures and the report. It knows no paper. The experiments are in
// packages kogler, rangamani and nguyen, and package experiments lists them.
//
// # How to add an experiment
//
// Write one file in the package of the paper, named after the figure, with a function that returns an Experiment, and add the
// function to the package's list, Experiments. An experiment has a name, some text and three functions:
//
//	Cells    the list of cells to run; the function declares the cells and does not run them
//	Figures  the figures, drawn from the table alone
//	Claims   the claims that must hold, from the table alone
//
// A Cell has a name, its settings and a function that returns rows. A cell that is done is skipped: the table (table.csv) keeps
// the rows of every finished cell under the cell's key, which is its name and a hash of its settings. A changed recipe
// therefore repeats its own cell and no other. An interrupted cell begins again, unless it keeps its state in Env.Dir, as
// trainings do. Training makes a cell that trains several p and seeds side by side and has the columns TrainingColumns. Any
// other cell is a Cell literal. The rows must be a function of settings and seed: put no times, paths or dates in a row.
//
// A row is a map from the experiment's columns to numbers and texts. A column without a value stays empty. Figures and Claims
// see every row as it was read back from the file, so that --only-plot draws the same. Matrices that a figure shows are
// stored beside the table, see Output.Matrices.
//
// Equal, Below, Above and Check make a claim from estimates. An estimate is a value with a standard error, such as the Mean of
// a column over seeds. Claim the paper's claims, with the tolerance that the data need, and give the source of the tolerance
// in a comment. A claim that fails is reported; it is no reason to widen the tolerance.
//
// Params.Seeds are the seeds of a cell. Where a claim fails, its cells are declared again with Params.Fresh and twice as many other seeds, and the
// claims see those rows in the place of the first (replicate.go). So claims group rows by seed, and ask Results.Seeds which seeds a run has.
// Which cells a claim rests on is known from Mean and PerSeed: rows that are made from others are copies (maps.Clone, Beside). TestOrigins
// judges every committed table with other seeds.
//
// Figures also draws a table that has not all cells yet, for autoamp serve: there are rows, but not any rows. Take numbers that the recipe
// fixes, such as a dimension, from the recipe and not from the first row; Pick and Where work without rows, package figure leaves out what
// is no number, and Matrix is empty before its cell is done. Once keeps what depends on no row. TestPartialTables in package experiments
// draws every experiment so.
//
// Points and EqualShares help to draw with package figure, in the house style. A missing data set is a *NotRunError that names
// the command that fetches it.
//
// # What a directory holds
//
//	DIR/run.json                 which experiments, scale and seed: another run is refused
//	DIR/index.html               the report
//	DIR/lock                     keeps a second process out
//	DIR/NAME/table.csv           the rows, each with the CRC-32C of its cell
//	DIR/NAME/matrices/*.npz      the matrices of heat maps, where there are any
//	DIR/NAME/*.svg, .png, .pdf   the figures
//	DIR/NAME/verdict.json        the claims with their numbers
//	DIR/NAME/cost.json           seconds of every cell, machine and version: nothing that a result depends on
//
// Every file that is read back is checked. A file that was changed is refused with a message that names the remedy, and a
// cell without rows is run again. The two JSON files of an experiment and run.json end with their CRC-32C.
package reproduce
