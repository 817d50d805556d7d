package rundir

// Plateau is a stretch of steps over which the loss stayed flat.
type Plateau struct {
	From  int     `json:"from"`  // steps
	To    int     `json:"to"`    // steps; the end of the run if the loss never left it
	Level float64 `json:"level"` // mean training loss over the stretch
}

// Drop is the end of a plateau: the loss fell below it.
type Drop struct {
	Step int     `json:"step"` // of the row that was first seen below
	From float64 `json:"from"` // the plateau's level
	To   float64 `json:"to"`   // mean training loss over the last tenth of the steps
}
