package search

import (
	"context"
	"log/slog"
	"math"

	"autoamp/bench"
	"autoamp/datasets"
	"autoamp/kernels"
	"autoamp/train/codec"
	"autoamp/train/codec/inference"
)

// Settings say what is measured. Zero fields mean the stated default.
type Settings struct {
	// Encoding is the rotation, the laws and what is stored beside a code. Its rate is not used.
	Encoding codec.Encoding
	// Rates are those of the codes. Nil means 1.
	Rates []float64
	// Rows and Queries bound the rows that are searched and those that are searched for. Zero means 10000 and 100.
	Rows, Queries int
	// Python lists the interpreters to look for SciPy in. Nil means python3 and /usr/bin/python3.
	Python []string
	// Logger receives a line for every rate. Nil means that no line is written.
	Logger *slog.Logger
}

func (s Settings) withDefaults() Settings {
	if s.Rates == nil {
		s.Rates = []float64{1}
	}
	if s.Rows == 0 {
		s.Rows = 10000
	}
	if s.Queries == 0 {
		s.Queries = 100
	}
	if s.Python == nil {
		s.Python = bench.Pythons()
	}
	if s.Logger == nil {
		s.Logger = slog.New(slog.DiscardHandler)
	}
	return s
}

// Line is what was measured of one code and decoder. Times are of one core.
type Line struct {
	Decoder   string   `json:"decoder"`
	Rate      float64  `json:"rate"`                // bits of the code per coordinate
	Bits      float64  `json:"bits_per_coordinate"` // with what is stored beside the code, and the file's header
	MSE       float64  `json:"mse"`                 // per coordinate, of the mean square
	Predicted *float64 `json:"predicted_mse"`       // the same; nil for quantisers
	Cosine    float64  `json:"cosine_error"`        // 1 − mean cosine of row and decoded row
	Recall    float64  `json:"recall_at_10"`        // share of the exact ten nearest among the ten found
	Decoded   float64  `json:"rows_per_second"`
}

// Result is a table.
type Result struct {
	Rows    int     `json:"rows"`
	Queries int     `json:"queries"`
	Dim     int     `json:"dim"`
	Kind    string  `json:"rotation"`
	Law     string  `json:"law"`
	Lines   []Line  `json:"results"`
	Speed   []Speed `json:"speed"`
	Absent  string  `json:"absent,omitempty"` // why there is no peer
}

// Run measures all decoders at all rates, then the quantisers, then speed.
func Run(ctx context.Context, rows datasets.Samples, s Settings) (*Result, error) {
	s = s.withDefaults()
	c, err := newCorpus(rows, s.Rows, s.Queries)
	if err != nil {
		return nil, err
	}
	r := &Result{Rows: c.rows.Len(), Queries: len(c.nearest), Dim: c.rows.Cols, Kind: s.Encoding.Kind.String()}
	for _, rate := range s.Rates {
		s.Logger.Info("encode and decode", "rate", rate)
		s.Encoding.Rate = rate
		if err := r.addDecoders(ctx, c, s.Encoding); err != nil {
			return nil, err
		}
	}
	if err := r.addQuantisers(ctx, c, s.Encoding); err != nil {
		return nil, err
	}
	return r, r.addSpeed(ctx, c, s)
}

// addDecoders encodes the corpus and decodes it in every way.
func (r *Result) addDecoders(ctx context.Context, c *corpus, e codec.Encoding) error {
	file, remove, err := encode(ctx, c, e)
	if err != nil {
		return err
	}
	defer remove()
	h := file.Header()
	r.Law = h.Law.String()
	for _, o := range decodings(h.Side) {
		if err := ctx.Err(); err != nil {
			return err
		}
		estimate, predicted, seconds, err := decode(file, o)
		if err != nil {
			return err
		}
		line := c.measure(estimate)
		line.Decoder, line.Rate = o.Method.String(), float64(h.Rotation.Bits)/float64(r.Dim)
		if o.Unbiased {
			line.Decoder += ", unbiased"
		}
		line.Bits = 8 * float64(h.Size()) / float64(r.Rows*r.Dim)
		predicted /= c.meanSquare
		line.Predicted, line.Decoded = &predicted, float64(r.Rows)/seconds
		r.Lines = append(r.Lines, line)
	}
	return nil
}

// decodings are the decoders; with factors the unbiased one beside them.
func decodings(side codec.Side) []codec.Decoding {
	var list []codec.Decoding
	for _, m := range inference.Methods() {
		o := codec.Decoding{Settings: inference.Settings{Method: m}}
		list = append(list, o)
		if m == inference.Linear && side.Factors {
			o.Unbiased = true
			list = append(list, o)
		}
	}
	return list
}

// measure compares decoded rows with the rows.
func (c *corpus) measure(estimate []float32) Line {
	d := c.rows.Cols
	line := Line{MSE: kernels.SquaredError(c.rows.Data, estimate) / float64(len(estimate)) / c.meanSquare, Cosine: 1}
	for i := 0; i < len(estimate); i += d {
		line.Cosine -= cosine(c.rows.Data[i:i+d], estimate[i:i+d]) / float64(c.rows.Len())
	}
	line.Cosine = math.Max(0, line.Cosine) // rounding makes it negative where rows are exact
	line.Recall = c.recall(estimate)
	return line
}
