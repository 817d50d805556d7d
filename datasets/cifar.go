package datasets

import (
	"fmt"
	"io"
)

// CIFAR-10 in its binary version: records of a label byte, 0 to 9, and a 32×32 image, all red, then all green,
// then all blue bytes, each plane row by row.
var cifarShape = Shape{Channels: 3, Height: 32, Width: 32}

const cifarClasses = 10

// ReadCIFAR reads records to the end of r. Memory grows with the bytes that are really there, up to 1 GiB. Errors
// are no record at all, a part of a record at the end, and a label above 9.
func ReadCIFAR(r io.Reader) (*Pixels, error) {
	data, err := readAtMost(r, maxPixels)
	if err != nil {
		return nil, err
	}
	record := 1 + cifarShape.Size()
	if len(data) == 0 || len(data)%record != 0 {
		return nil, fmt.Errorf("%d bytes: must be a positive multiple of %d, the size of a record", len(data), record)
	}
	p := &Pixels{Shape: cifarShape}
	for i := 0; i < len(data); i += record {
		if label := data[i]; label >= cifarClasses {
			return nil, fmt.Errorf("label %d of record %d: must be in [0, %d]", label, i/record, cifarClasses-1)
		}
		p.Labels = append(p.Labels, data[i])
		p.Data = append(p.Data, data[i+1:i+record]...)
	}
	return p, nil
}
