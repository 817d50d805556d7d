// Package machine says what a result was computed with: the machine, the program's version, and the memory that it took.
package machine
