package durable

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
)

// sealJSON is how a sealed object ends: its last member is the CRC-32C of all bytes before it.
const sealJSON = ",\n  \"crc32c\": \"%v\"\n}\n"

// SealJSON writes a struct with at least one field as an indented JSON object that ends with its CRC-32C.
func SealJSON(value any) ([]byte, error) {
	data, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		return nil, err
	}
	body, ok := bytes.CutSuffix(data, []byte("\n}"))
	if !ok {
		return nil, fmt.Errorf("durable: %T is no object with members", value)
	}
	return fmt.Appendf(body, sealJSON, Sum(body)), nil
}

// OpenJSON reads what SealJSON wrote, and nothing else: not one byte may differ, and every key must be one of value's.
func OpenJSON(data []byte, value any) error {
	body, err := unseal(data, sealJSON)
	if err != nil {
		return err
	}
	d := json.NewDecoder(io.MultiReader(bytes.NewReader(body), bytes.NewReader([]byte("\n}"))))
	d.DisallowUnknownFields()
	return d.Decode(value)
}

// ReadJSON is OpenJSON of a file of at most limit bytes. Errors name the file.
func ReadJSON(path string, limit int64, value any) error {
	data, err := ReadFile(path, limit)
	if err != nil {
		return err
	}
	if err := OpenJSON(data, value); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

// WriteJSON is WriteFile of SealJSON.
func WriteJSON(d Disk, path string, value any) error {
	data, err := SealJSON(value)
	if err != nil {
		return err
	}
	return WriteBytes(d, path, data)
}

// sealText is how a sealed text ends: a comment of YAML with the CRC-32C of all bytes before it.
const sealText = "# CRC-32C %v\n"

// SealText appends a line with the text's CRC-32C. The line is a comment in YAML.
func SealText(text []byte) []byte { return fmt.Appendf(bytes.Clone(text), sealText, Sum(text)) }

// OpenText returns the text that SealText was given, or an error if one byte differs.
func OpenText(data []byte) ([]byte, error) { return unseal(data, sealText) }

// unseal checks the end of data, a format with a checksum of all bytes before it, and returns those.
func unseal(data []byte, format string) ([]byte, error) {
	size := len(data) - len(fmt.Sprintf(format, Checksum(0)))
	if size < 0 {
		return nil, errors.New("it is cut off")
	}
	body := data[:size]
	if end := fmt.Appendf(nil, format, Sum(body)); !bytes.Equal(end, data[size:]) {
		return nil, fmt.Errorf("damaged, changed or cut off: it must end with its CRC-32C, %v", Sum(body))
	}
	return body, nil
}

// ReadFile reads a regular file of at most limit bytes. Errors name the file.
func ReadFile(path string, limit int64) ([]byte, error) {
	f, err := OpenRegular(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return ReadAll(f, limit)
}

// ReadAll reads an open file of at most limit bytes, which may be a pipe. Errors name the file.
func ReadAll(f *os.File, limit int64) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err == nil && int64(len(data)) > limit {
		err = fmt.Errorf("%s: more than %d bytes", f.Name(), limit)
	}
	return data, err
}
