// Package openblas opens the OpenBLAS of this machine at run time, without cgo, where one is installed.
package openblas
