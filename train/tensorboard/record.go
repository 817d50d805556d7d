package tensorboard

import (
	"encoding/binary"
	"hash/crc32"
)

// appendRecord appends an event as a record: the length in 8 bytes, little-endian, the length's checksum, the event, and the
// event's checksum.
func appendRecord(file, event []byte) []byte {
	begin := len(file)
	file = binary.LittleEndian.AppendUint64(file, uint64(len(event)))
	file = binary.LittleEndian.AppendUint32(file, masked(file[begin:]))
	file = append(file, event...)
	return binary.LittleEndian.AppendUint32(file, masked(event))
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// masked is the checksum of a record, CRC-32C rotated right by 15 bits plus a constant.
//
// Source: tensorflow/core/lib/hash/crc32c.h, Mask.
func masked(data []byte) uint32 {
	c := crc32.Checksum(data, castagnoli)
	return (c>>15 | c<<17) + 0xa282ead8
}
