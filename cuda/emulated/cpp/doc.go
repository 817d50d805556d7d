// Package cpp translates a PTX module to C++ for the emulated driver.
//
// A kernel becomes a function that does what one thread does: registers are variables, branches are gotos, barriers change the
// fiber. Every load and store asks access.h for its address, with its size and the line of the PTX, and is refused where a GPU
// would refuse it. instructions.h says what the rarer instructions compute.
//
// table.go lists the arithmetic instructions; the others have a function each, named in special.go. What is in neither is an
// error.
package cpp
