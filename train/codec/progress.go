package codec

// Progress hears of the rows that are done, after every block or several. It is called by one goroutine at a time. Nil hears nothing.
type Progress func(rows, total int)

// done tells of the rows of all blocks up to one.
func (p Progress) done(rows, total int) {
	if p != nil {
		p(min(rows, total), total)
	}
}
