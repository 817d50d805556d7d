// Package reproduce repeats the figures and tables of three papers and says in numbers whether they come out.
//
//	e, err := reproduce.Find("kogler-fig7")
//	outcome, err := reproduce.Run(ctx, e, reproduce.Settings{Params: reproduce.Params{Scale: reproduce.Quick, Seed: 1}, Dir: dir})
//	outcome.Verdict.Write(os.Stdout)
//
// # How to add an experiment
//
// Write one file, named after the figure, with a function that returns an Experiment, and add the function to the list in
// experiments.go. An experiment is three functions beside a name and some text:
//
//	Cells    what is run, as a list of cells; declare them, do not run them
//	Figures  what is drawn, from the table alone
//	Claims   what must hold, from the table alone
//
// A Cell has a name, its settings and a function that returns rows. It is the unit that is skipped when it is done: the
// table (table.csv) keeps the rows of every finished cell under its key, which is its name and a hash of its settings, so
// that changing a recipe repeats the cell, and nothing else. An interrupted cell begins again, unless it keeps something in
// Env.Dir, as trainings do. A cell that trains is made by Training, several p and seeds side by side; it has the columns
// TrainingColumns. A cell of your own is a Cell literal. A function of (settings, seed) has the same rows on every run; put
// no times, paths or dates in a row.
//
// A row is a map from the experiment's columns to numbers and texts, and columns without a value stay empty. Figures and
// Claims see every row as it was read back from the file, so that --only-plot draws the same. Matrices that a figure shows
// are stored beside the table, see Output.Matrices.
//
// A claim is made by Equal, Below, Above or Check, from estimates (value and standard error, for example the Mean over
// seeds of a column) and with a tolerance. Claim what the paper claims, with the tolerance that the data need, and
// say in a comment where the tolerance is from; a claim that fails is reported and is no reason to widen it.
//
// What lies on the way: figure.Chart draws lines and points in the house style; a missing data set is a *NotRunError that
// names the command that fetches it.
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
// What is read back is checked: a file that was changed is refused with a message that says what to do, and a cell without rows
// is run again. The two JSON files of an experiment and run.json end with their CRC-32C.
package reproduce
