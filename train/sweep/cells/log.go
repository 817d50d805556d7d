package cells

import (
	"io"
	"os"
	"strings"
)

// maxLine bounds how much of a log's end LastLine reads, in bytes.
const maxLine = 16 << 10

// LastLine returns the last line of a log that is not empty, or an empty text.
func LastLine(path string) string {
	f, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.Size() > maxLine {
		_, _ = f.Seek(-maxLine, io.SeekEnd) // else it reads from the start
	}
	data, _ := io.ReadAll(io.LimitReader(f, maxLine)) // what could be read
	lines := strings.Split(strings.TrimRight(string(data), "\n\t "), "\n")
	return strings.TrimSpace(lines[len(lines)-1])
}
