package train

import (
	"context"

	"autoamp/train/program"
)

// Compile builds the programs of a Config. A data set is opened for the number of its rows.
func Compile(c Config) (*Programs, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	c = c.WithDefaults()
	if c.Alternating() {
		return nil, runsNoProgram(c)
	}
	data, err := openData(context.Background(), c, nil)
	if err != nil {
		return nil, err
	}
	defer data.close()
	return program.Compile(c, data.inMemory(c))
}

// runsNoProgram refuses alternating minimisation.
func runsNoProgram(c Config) error {
	return &ConfigError{Field: "algorithm", Value: c.Algorithm, Allowed: "runs no program"}
}
