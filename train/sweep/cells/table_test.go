package cells

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"autoamp/datasets/durable"
	"autoamp/datasets/durable/durabletest"
)

// twoCells is a table of two cells.
func twoCells() *Table {
	return &Table{Columns: []string{"x", "text"}, cells: map[string][]Row{
		"a-1": {{"x": "0.5", "text": "one, \"two\"\nthree"}, {"x": "0.25"}, {"x": "0.125"}},
		"b-2": {{"x": "1e-300"}, {"text": "–"}},
	}}
}

// text is the file of a table.
func text(t testing.TB, table *Table, keys ...string) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "table.csv")
	if err := table.Write(durable.OS, path, keys); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// Changes of a table by people and programs: the run refuses the table with file, line and cell, or runs cells again.
func TestChangedTable(t *testing.T) {
	t.Parallel()
	good := string(text(t, twoCells(), "a-1", "b-2"))
	lines := strings.SplitAfter(good, "\n") // line 2 goes on in line 3
	join := func(order ...int) string {
		var s strings.Builder
		for _, i := range order {
			s.WriteString(lines[i-1])
		}
		return s.String()
	}
	for _, test := range []struct {
		name, text, want string // of the error, empty for none
		cells            int
	}{
		{"as it was", good, "", 2},
		{"without a cell", join(1, 6, 7), "", 1},
		{"cells in another order", join(1, 6, 7, 2, 3, 4, 5), "", 2},
		{"header alone", join(1), "", 0},
		{"a digit", strings.Replace(good, "0.25", "0.35", 1), "lines 2 to 5, cell a-1: damaged", 0},
		{"a digit of the second cell", strings.Replace(good, "1e-300", "1e-200", 1), "lines 6 to 7, cell b-2: damaged", 0},
		{"a row lost", join(1, 2, 3, 5, 6, 7), "lines 2 to 4, cell a-1: damaged", 0},
		{"a row twice", join(1, 2, 3, 4, 4, 5, 6, 7), "cell a-1: damaged", 0},
		{"a cell twice", join(1, 6, 7, 6, 7), "cell b-2: damaged", 0},
		{"rows in another order", join(1, 2, 3, 5, 4, 6, 7), "cell a-1: damaged", 0},
		{"a cell in two places", join(1, 2, 3, 6, 7, 4, 5), "line 6, cell a-1: damaged, changed or cut off: the cell stands in two places", 0},
		{"line ends of another system", strings.ReplaceAll(good, "\n", "\r\n"), "line 1: damaged, changed or cut off: its line end", 0},
		{"an empty line", join(1, 2, 3) + "\n" + join(4, 5, 6, 7), "line 4, cell a-1: ", 0},
		{"the last line end lost", strings.TrimSuffix(good, "\n"), "line 7, cell b-2: ", 0},
		{"quotes", strings.Replace(good, "0.25", `"0.25"`, 1), "line 4, cell a-1: ", 0},
		{"a column renamed", strings.Replace(good, "text", "test", 1), "line 1, the header, or every cell: ", 0},
		{"another row's checksum", strings.Replace(good, lines[3], lines[3][:len(lines[3])-9]+"00000000\n", 1), "line 4, cell a-1: ", 0},
		{"no checksum", strings.Replace(good, lines[3], lines[3][:len(lines[3])-9]+"\n", 1), "line 4, cell a-1: ", 0},
		{"a byte order mark", "\ufeff" + good, "line 1", 0},
		{"of a version without checksums", "cell,x,text\na-1,0.5,\n", "line 2, cell a-1: damaged, changed or cut off: column crc32c", 0},
		{"empty", "", "line 1: the file is empty", 0},
		{"one column", "cell\n", "line 1: ", 0},
	} {
		path := filepath.Join(t.TempDir(), "table.csv")
		if err := os.WriteFile(path, []byte(test.text), 0o600); err != nil {
			t.Fatal(err)
		}
		got, other, err := ReadTable(path, twoCells().Columns)
		switch {
		case test.want == "" && (err != nil || other || len(got.cells) != test.cells):
			t.Errorf("%s: %v", test.name, err)
		case test.want != "" && (err == nil || !strings.Contains(err.Error(), "table.csv: line") || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), "remove")):
			t.Errorf("%s: %v, want %q", test.name, err, test.want)
		}
	}
}

// FuzzTable reads any bytes as table.csv: a table that is accepted is exactly the output of write.
func FuzzTable(f *testing.F) {
	f.Add(text(f, twoCells(), "a-1", "b-2"))
	f.Add(text(f, twoCells(), "b-2"))
	f.Add([]byte("cell,x,crc32c\n"))
	f.Add([]byte("cell,x\n\n\"a\r\n\",00000000\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		durabletest.Budget(t, len(data), 1000, func() {
			header, cells, err := parseTable(data)
			if err != nil {
				return
			}
			stored := &Table{Columns: header[1 : len(header)-1], cells: map[string][]Row{}}
			if !slices.Equal(stored.header(), header) || slices.Contains(stored.Columns, "") || len(distinct(stored.Columns)) < len(stored.Columns) {
				return // not a table of ours, and of another version
			}
			out := newLineWriter()
			again := bytes.Clone(out.line(header))
			for _, c := range cells {
				stored.cells[c.key] = c.rows(stored.Columns)
				again = append(again, stored.lines(out, c.key)...)
			}
			if !bytes.Equal(again, data) {
				t.Errorf("accepted:\n%q\nis not what is written:\n%q", data, again)
			}
		})
	})
}

func distinct(names []string) map[string]bool {
	set := map[string]bool{}
	for _, name := range names {
		set[name] = true
	}
	return set
}

// FuzzRows writes any text into a table: it is read back as it was put.
func FuzzRows(f *testing.F) {
	f.Add("key", "a, \"b\"\r\nc", "\\.")
	f.Add("a b", "\r", " ")
	f.Fuzz(func(t *testing.T, key, a, b string) {
		put := &Table{Columns: []string{"x", "y"}, cells: map[string][]Row{}}
		if err := put.Put(key, []Row{{"x": a, "y": b}, {"x": b}}); err != nil {
			t.Fatal(err)
		}
		out := newLineWriter()
		data := append(bytes.Clone(out.line(put.header())), put.lines(out, key)...)
		_, cells, err := parseTable(data)
		if err != nil || len(cells) != 1 {
			t.Fatalf("%q, %q: %v", a, b, err)
		}
		for i, row := range cells[0].rows(put.Columns) {
			if row.Text("x") != put.cells[key][i].Text("x") || row.Text("y") != put.cells[key][i].Text("y") {
				t.Errorf("%q, %q: read as %v", a, b, row)
			}
		}
	})
}

func TestUnknownColumn(t *testing.T) {
	t.Parallel()
	table := NewTable([]string{"x"})
	if err := table.Put("k", []Row{{"y": 1}}); err == nil || !strings.Contains(err.Error(), `column = "y"`) {
		t.Error(err)
	}
	if err := table.Put("k", nil); err == nil {
		t.Error("a cell without rows is taken for one that is done")
	}
}
