package datasets

// Source is data that can be drawn by step: a pure function of what the source was made from
// and of the step.
type Source interface {
	// Fill fills dst with the rows of a batch, row-major (b, d); len(dst) is a multiple of d.
	Fill(dst []float32, step uint64) error
	// Dim returns d.
	Dim() int
}

// The streams of one seed: what a random number is drawn for. Executors toss the coins at
// sign(0) from Coins.
const (
	Training       uint32 = 0
	Evaluation     uint32 = 1
	Coins          uint32 = 2
	Initialisation uint32 = 3
	HaarMatrix     uint32 = 4
	Windows        uint32 = 5 // which rows of a data set are in memory
	Splits         uint32 = 6 // which rows of a data set are held out
	ImageMotion    uint32 = 8
	ImageNoise     uint32 = 9
	// DictionaryMatrix is for the atoms of a dictionary model.
	DictionaryMatrix uint32 = 16
)

// CodeStream is the stream of the codes of a dictionary model whose noise is drawn from stream.
func CodeStream(stream uint32) uint32 { return DictionaryMatrix + 1 + stream }
