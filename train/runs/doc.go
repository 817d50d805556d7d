// Package runs finds the runs and sweeps below a folder and reads what each has reached. It is a registry without a server and without an
// index: the run directories are the truth.
//
//	found, err := runs.Find(ctx, "runs")
//	rows := runs.Rows(runs.Read(ctx, found), time.Now())
//	where, err := runs.ParseCondition("p<0.5")
//	rows = where.Select(rows)
//
// Reading writes nothing and takes no lock, so that a run that trains meanwhile is not disturbed. A run with files that were
// damaged is read as far as it goes: its State is Damaged, and its Reason names the file.
//
// The package does not train, draw or compute theory. What it shows of the theory stands in the files.
package runs
