// Package durabletest has disks for tests: [Faults] fails at one chosen call, [Journal] remembers every call and shows what a
// power cut may leave of them. [Budget] holds the inputs of fuzz targets to a time and a memory.
package durabletest
