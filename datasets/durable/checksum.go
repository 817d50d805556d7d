package durable

import (
	"fmt"
	"hash/crc32"
)

// castagnoli is the polynomial that processors compute CRC-32 with.
var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// Checksum is the CRC-32C of the bytes written to it so far. The zero value is that of no bytes. Its text is eight hexadecimal
// digits.
type Checksum uint32

// Write adds bytes. It never fails.
func (c *Checksum) Write(p []byte) (int, error) {
	*c = Checksum(crc32.Update(uint32(*c), castagnoli, p))
	return len(p), nil
}

// Sum returns the checksum of bytes at hand.
func Sum(data []byte) Checksum { return Checksum(crc32.Checksum(data, castagnoli)) }

func (c Checksum) String() string { return fmt.Sprintf("%08x", uint32(c)) }

// MarshalText returns the text.
func (c Checksum) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// UnmarshalText reads a text exactly as MarshalText writes it.
func (c *Checksum) UnmarshalText(text []byte) error {
	var v uint32
	if _, err := fmt.Sscanf(string(text), "%08x", &v); err != nil || Checksum(v).String() != string(text) {
		return fmt.Errorf("CRC-32C %q: must be eight hexadecimal digits", text)
	}
	*c = Checksum(v)
	return nil
}

// Check compares the checksum of the bytes at hand with the stored one.
func (c Checksum) Check(stored Checksum) error {
	if c != stored {
		return fmt.Errorf("damaged or changed: its CRC-32C is %v, and was %v when it was written", c, stored)
	}
	return nil
}
