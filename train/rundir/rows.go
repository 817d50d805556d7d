package rundir

import (
	"encoding/csv"
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"autoamp/datasets/durable"
)

// Extent is the written length of a growing file, with its checksum.
type Extent struct {
	Bytes int64            `json:"bytes"`
	Sum   durable.Checksum `json:"crc32c"`
}

// CSV appends rows to a file. It knows the extent of the file, so that a resumed run can check it and cut it where
// its checkpoint was.
type CSV struct {
	f durable.File
	Extent
}

// OpenCSV opens or creates a file of rows and cuts it to an extent that was checked. At 0 it gets its header.
func OpenCSV(d durable.Disk, path string, at Extent, header []string) (*CSV, error) {
	f, err := durable.Append(d, path)
	if err != nil {
		return nil, err
	}
	c := &CSV{f: f, Extent: at}
	err = f.Truncate(at.Bytes)
	if err == nil && at.Bytes == 0 {
		err = c.Line(header)
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return c, nil
}

// Record appends a row.
func (c *CSV) Record(r Row) error { return c.Line(r.Fields()) }

// Line appends one line. No field needs quotes.
func (c *CSV) Line(fields []string) error {
	line := []byte(strings.Join(fields, ",") + "\n")
	n, err := c.f.Write(line)
	c.Bytes += int64(n)
	c.Sum.Write(line[:n])
	return err
}

// Name is the path of the file.
func (c *CSV) Name() string { return c.f.Name() }

// Sync waits until the rows are on the disk.
func (c *CSV) Sync() error { return c.f.Sync() }

// Close closes the file.
func (c *CSV) Close() error { return c.f.Close() }

// read returns the bytes of a file of rows that an extent covers, or an error if the bytes have changed.
func (e Extent) read(path string) ([]byte, error) {
	f, err := durable.OpenRegular(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, e.Bytes))
	if err != nil {
		return nil, err
	}
	if int64(len(data)) < e.Bytes {
		return nil, fmt.Errorf("%s: it has %d bytes, and had %d: it was cut off", path, len(data), e.Bytes)
	}
	if err := durable.Sum(data).Check(e.Sum); err != nil {
		return nil, fmt.Errorf("%s: its first %d bytes are %w", path, e.Bytes, err)
	}
	return data, nil
}

// ReadRows returns the bytes of a file of rows of the run directory, up to the extent in its checkpoint.
func (c *Checkpoint) ReadRows(name string) ([]byte, error) {
	return c.Rows[name].read(filepath.Join(c.runDir(), name))
}

// runDir is the run directory that the checkpoint lies in.
func (c *Checkpoint) runDir() string { return filepath.Dir(filepath.Dir(c.Path)) }

// CheckRows compares all files of rows with the extents that the checkpoint recorded.
func (c *Checkpoint) CheckRows() error {
	err := c.rowsDiffer()
	if err == nil {
		return nil
	}
	paths, _ := List(filepath.Dir(c.Path))
	for _, path := range slices.Backward(paths[:max(0, slices.Index(paths, c.Path))]) {
		if older, e := Open(path); e == nil && older.rowsDiffer() == nil {
			return fmt.Errorf("train: %w; remove the checkpoints after %s to resume from there", err, path)
		}
	}
	return fmt.Errorf("train: %w; no older checkpoint agrees with it: put the file back, or begin again in another directory", err)
}

// rowsDiffer returns an error that names a file of rows that differs from its extent in the checkpoint.
func (c *Checkpoint) rowsDiffer() error {
	for _, name := range slices.Sorted(maps.Keys(c.Rows)) {
		if _, err := c.ReadRows(name); err != nil {
			return err
		}
	}
	return nil
}

// Decimal writes a number in the fewest digits that parse to the same number.
func Decimal(x float64) string { return strconv.FormatFloat(x, 'g', -1, 64) }

// records splits a file of rows into its fields, and checks the first line.
func records(data []byte, header []string) ([][]string, error) {
	r := csv.NewReader(strings.NewReader(string(data)))
	r.FieldsPerRecord = len(header)
	lines, err := r.ReadAll()
	if err != nil {
		return nil, err
	}
	if len(lines) == 0 || !slices.Equal(lines[0], header) {
		return nil, fmt.Errorf("the first line is not %s", strings.Join(header, ","))
	}
	return lines[1:], nil
}

// readRows returns the rows of a file of the run directory, up to the extent in its summary. Before there is a summary,
// the newest checkpoint has the extent.
func readRows(dir, name string) ([]byte, error) {
	if s, err := ReadSummary(dir); err == nil {
		return s.Rows[name].read(filepath.Join(dir, name))
	}
	c, err := Newest(dir)
	if err != nil {
		return nil, err
	}
	return c.ReadRows(name)
}
