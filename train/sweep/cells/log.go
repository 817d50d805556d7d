package cells

import (
	"bytes"

	"autoamp/datasets/durable"
)

// maxLine bounds how much of a log's end LastLine reads, in bytes.
const maxLine = 16 << 10

// LastLine returns the last line of a log: of a task that has failed, the reason. It is empty where there is none.
func LastLine(path string) string {
	lines, err := durable.LastLines(path, maxLine)
	if err != nil {
		return ""
	}
	lines = bytes.TrimSpace(lines)
	return string(lines[bytes.LastIndexByte(lines, '\n')+1:])
}
