package durable

import (
	"bytes"
	"io"
)

// LastLines returns the whole lines in the last bytes of a regular file, at most the given number of bytes. It leaves out a first line
// that is cut, and a last line without an end, which a process may be writing. Errors name the file.
func LastLines(path string, most int64) ([]byte, error) {
	f, err := OpenRegular(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	from := max(0, info.Size()-most)
	data, err := io.ReadAll(io.NewSectionReader(f, from, info.Size()-from))
	if err != nil {
		return nil, err
	}
	if from > 0 {
		_, data, _ = bytes.Cut(data, []byte("\n"))
	}
	return data[:bytes.LastIndexByte(data, '\n')+1], nil
}
