// Package machine says what a result was computed with: the machine, the program's version, and what this process has used of the machine:
// memory, processor time, page faults.
package machine
