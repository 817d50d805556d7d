package cells

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
)

// Key is a cell's name with a hash of its settings as JSON, so that a cell never takes rows of other settings.
func Key(name string, settings any) (string, error) {
	data, err := json.Marshal(settings)
	if err != nil {
		return "", fmt.Errorf("settings of %s: %w", name, err)
	}
	sum := sha256.Sum256(data)
	return name + "-" + hex.EncodeToString(sum[:4]), nil
}
