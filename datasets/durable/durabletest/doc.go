// Package durabletest has disks for tests: [Faults] fails at one chosen call, [Journal] remembers every call and shows what a
// power cut may leave of them.
package durabletest
