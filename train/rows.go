package train

import (
	"encoding/csv"
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"autoamp/datasets/durable"
)

// extent is how much of a growing file was written, with its checksum.
type extent struct {
	Bytes int64            `json:"bytes"`
	Sum   durable.Checksum `json:"crc32c"`
}

// CSV is a Recorder that appends to a file. It knows the extent of the file, so that a resumed run can check it and cut it where
// its checkpoint was.
type CSV struct {
	f durable.File
	extent
}

// openCSV opens or creates a file of rows and cuts it to an extent that was checked. At 0 it gets its header.
func openCSV(d durable.Disk, path string, at extent, header []string) (*CSV, error) {
	f, err := durable.Append(d, path)
	if err != nil {
		return nil, err
	}
	c := &CSV{f: f, extent: at}
	err = f.Truncate(at.Bytes)
	if err == nil && at.Bytes == 0 {
		err = c.line(header)
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return c, nil
}

// Record appends a row.
func (c *CSV) Record(r Row) error { return c.line(r.fields()) }

// line appends one line. No field needs quotes.
func (c *CSV) line(fields []string) error {
	line := []byte(strings.Join(fields, ",") + "\n")
	n, err := c.f.Write(line)
	c.Bytes += int64(n)
	c.Sum.Write(line[:n])
	return err
}

// Sync waits until the rows are on the disk.
func (c *CSV) Sync() error { return c.f.Sync() }

// Close closes the file.
func (c *CSV) Close() error { return c.f.Close() }

// read returns the bytes of a file of rows that an extent covers, or says that they have changed.
func (e extent) read(path string) ([]byte, error) {
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

// readRows returns the bytes of a file of rows of the run directory, as far as its checkpoint knows them.
func (c *checkpoint) readRows(name string) ([]byte, error) {
	return c.Rows[name].read(filepath.Join(c.runDir(), name))
}

// runDir is the run directory that the checkpoint lies in.
func (c *checkpoint) runDir() string { return filepath.Dir(filepath.Dir(c.path)) }

// checkRows compares all files of rows with what they were when the checkpoint was written.
func (c *checkpoint) checkRows() error {
	err := c.rowsDiffer()
	if err == nil {
		return nil
	}
	paths, _ := listCheckpoints(filepath.Dir(c.path))
	for _, path := range slices.Backward(paths[:max(0, slices.Index(paths, c.path))]) {
		if older, e := openCheckpoint(path); e == nil && older.rowsDiffer() == nil {
			return fmt.Errorf("train: %w; remove the checkpoints after %s to resume from there", err, path)
		}
	}
	return fmt.Errorf("train: %w; no older checkpoint agrees with it: put the file back, or begin again in another directory", err)
}

// rowsDiffer names a file of rows that is not what it was when the checkpoint was written.
func (c *checkpoint) rowsDiffer() error {
	for _, name := range slices.Sorted(maps.Keys(c.Rows)) {
		if _, err := c.readRows(name); err != nil {
			return err
		}
	}
	return nil
}

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
