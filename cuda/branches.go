package cuda

// branches say which nodes of a graph wait for which, and which workspace of cuBLAS each product uses.
type branches struct {
	after     [][]int  // the nodes that a node waits for: none of them waits for another
	before    [][]bool // the nodes that have ended when a node begins
	workspace []int
}

// graphSteps is the number of steps in one graph, where there are as many to run: between graphs the device waits for a launch.
const graphSteps = 8

// reaches reports whether node i runs after node j.
func (b branches) reaches(i, j int) bool { return b.before[i][j] }

// workspaces is the number of products that may run at the same time.
const workspaces = 2

// branch orders nodes that conflict, as they stand in the list, and products that use the same workspace.
func branch(nodes []node) branches {
	b := branches{after: make([][]int, len(nodes)), before: make([][]bool, len(nodes)), workspace: make([]int, len(nodes))}
	var last [workspaces]int // one more than the last product of a workspace
	for i, n := range nodes {
		before := make([]bool, i)
		b.before[i] = before
		wait := func(j int) {
			b.after[i] = append(b.after[i], j)
			before[j] = true
			for k, ended := range b.before[j] {
				before[k] = before[k] || ended
			}
		}
		for j := i - 1; j >= 0; j-- {
			if !before[j] && n.conflicts(nodes[j]) {
				wait(j)
			}
		}
		if !n.product() {
			continue
		}
		w := freeWorkspace(last, before)
		if j := last[w] - 1; j >= 0 && !before[j] {
			wait(j)
		}
		b.workspace[i], last[w] = w, i+1
	}
	return b
}

// freeWorkspace is one whose last product has ended, else the one that was taken first.
func freeWorkspace(last [workspaces]int, ended []bool) int {
	oldest := 0
	for w, j := range last {
		if j == 0 || ended[j-1] {
			return w
		}
		if j < last[oldest] {
			oldest = w
		}
	}
	return oldest
}
