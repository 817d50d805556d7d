package cells

import "fmt"

// DamagedError reports a file whose content differs from the written content.
type DamagedError struct {
	Path   string
	Err    error
	Remedy string
}

func (e *DamagedError) Error() string { return fmt.Sprintf("%s: %v; %s", e.Path, e.Err, e.Remedy) }

// Unwrap returns the difference.
func (e *DamagedError) Unwrap() error { return e.Err }
