// Package cells is the engine behind autoamp sweep and autoamp reproduce: it runs what is not done, stores it, and never twice.
//
// A cell is what is computed and stored as a whole: the rows of a setting. A cell is found again by its key, which holds a hash
// of its settings. A Job is one or more cells that are computed together, such as the replicas of one program. Work runs the
// jobs whose cells are not in a Store. A Table is a file of rows with a checksum for every cell.
//
// Several workers, on one machine or on many that share a file system, work on the same jobs where each has Claims on the same
// folder. A claim needs no lock of the file system.
package cells
