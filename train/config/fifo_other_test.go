//go:build !unix

package config_test

import "testing"

func makeFIFO(t *testing.T, _ string) {
	t.Helper()
	t.Skip("needs a system with named pipes")
}
