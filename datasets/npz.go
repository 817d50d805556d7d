package datasets

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
)

// maxInflated bounds a compressed array in memory, in bytes.
const maxInflated = 4 << 30

// maxDeflation is the most bytes that one byte of a deflated member stands for.
//
// Source: zlib, "Maximum Compression Factor".
const maxDeflation = 1032

// cutArchive splits FILE.npz:NAME.
func cutArchive(path string) (file, member string, zipped bool) {
	if i := strings.LastIndex(path, ".npz:"); i >= 0 {
		return path[:i+4], path[i+5:], true
	}
	return path, "", strings.HasSuffix(path, ".npz")
}

// enter finds an array in the archive and checks what the archive says of it.
func (s *storedArray) enter(name string) error {
	archiveSize := s.size
	archive, err := zip.NewReader(s.file, archiveSize)
	if err != nil {
		return fmt.Errorf("not an archive of NumPy arrays: %w", err)
	}
	if s.member, err = findMember(archive, name); err != nil {
		return err
	}
	if err := s.checkMember(archiveSize); err != nil {
		return fmt.Errorf("%s: %w", s.member.Name, err)
	}
	return nil
}

// checkMember refuses a member that does not lie in the file as the archive's directory says.
func (s *storedArray) checkMember(archiveSize int64) error {
	m := s.member
	const encrypted = 1 << 0
	if m.Flags&encrypted != 0 {
		return errors.New("is encrypted: save it again without a password")
	}
	offset, err := m.DataOffset()
	if err != nil {
		return err
	}
	packed, plain := m.CompressedSize64, m.UncompressedSize64
	switch {
	case packed > uint64(archiveSize) || offset > archiveSize-int64(packed):
		return fmt.Errorf("%w: reaches past the end of the file", ErrDamaged)
	case m.Method == zip.Store && packed != plain:
		return fmt.Errorf("%w: is stored in %d bytes and has %d", ErrDamaged, packed, plain)
	case m.Method != zip.Store && plain > maxInflated:
		return fmt.Errorf("%d bytes, compressed: must be at most 4 GiB; numpy.savez writes arrays that can be mapped", plain)
	case m.Method != zip.Store && plain > packed*maxDeflation:
		return fmt.Errorf("%w: %d bytes in %d compressed ones", ErrDamaged, plain, packed)
	}
	s.size = int64(plain)
	if !s.compressed() {
		s.offset = offset
	}
	return s.checkLocal(offset)
}

// checkLocal compares the header that stands before a member with the archive's directory: its name and its compression.
func (s *storedArray) checkLocal(body int64) error {
	before := make([]byte, min(body, localHeader+2*(1<<16)))
	if _, err := s.file.ReadAt(before, body-int64(len(before))); err != nil {
		return err
	}
	header := lastLocalHeader(before)
	if header == nil {
		return fmt.Errorf("%w: has no header where it lies", ErrDamaged)
	}
	if method := binary.LittleEndian.Uint16(header[8:]); method != s.member.Method {
		return fmt.Errorf("%w: is compressed by method %d, and by %d where it lies", ErrDamaged, s.member.Method, method)
	}
	if name := string(header[localHeader:][:binary.LittleEndian.Uint16(header[26:])]); name != s.member.Name {
		return fmt.Errorf("%w: is %q where it lies", ErrDamaged, name)
	}
	return nil
}

// localHeader is the size of the header of a member without its name and its extra field.
const localHeader = 30

// lastLocalHeader returns the header that b ends with, nil if there is none. (archive/zip reads it and tells nothing of it.)
func lastLocalHeader(b []byte) []byte {
	for end := len(b); ; {
		end = bytes.LastIndex(b[:end], []byte("PK\x03\x04"))
		if end < 0 {
			return nil
		}
		header := b[end:]
		if len(header) < localHeader {
			continue
		}
		name, extra := binary.LittleEndian.Uint16(header[26:]), binary.LittleEndian.Uint16(header[28:])
		if localHeader+int(name)+int(extra) == len(header) {
			return header
		}
	}
}

// maxListed is the most names that a message lists.
const maxListed = 20

// findMember returns the array of that name, or the only one.
func findMember(archive *zip.Reader, name string) (*zip.File, error) {
	members := map[string]*zip.File{}
	var names []string
	for _, entry := range archive.File {
		array := strings.TrimSuffix(entry.Name, ".npy")
		if members[array] != nil {
			return nil, fmt.Errorf("array %q: is there twice", array)
		}
		members[array], names = entry, append(names, array)
	}
	listed := strings.Join(names[:min(len(names), maxListed)], ", ")
	switch {
	case len(names) == 0:
		return nil, errors.New("the archive is empty")
	case name == "" && len(names) > 1:
		return nil, fmt.Errorf("holds several arrays: name one of %s, as in FILE.npz:%s", listed, names[0])
	case name == "":
		return members[names[0]], nil
	case members[name] == nil:
		return nil, fmt.Errorf("array %q: must be one of %s", name, listed)
	}
	return members[name], nil
}
