//go:build unix && gpu

package main

import "testing"

// TestGPUScripts runs testdata/gpu/*.txtar on the emulated driver: make test-gpu.
func TestGPUScripts(t *testing.T) { runScripts(t, "testdata/gpu") }
