package config

import (
	"errors"
	"regexp"
	"strconv"
	"strings"
)

// These functions read all numbers of flags, --set and YAML, in decimal. So 0100, which YAML and Go take for octal, is
// 100, and 008 of seq -w is 8. Other notations (0x10, 0b1, 1_000, and for whole numbers 1e3) are refused.

var digits = regexp.MustCompile(`^[-+]?[0-9]+$`)

// ParseInt reads a whole number written in decimal digits.
func ParseInt(text string) (int, error) {
	if !digits.MatchString(text) {
		return 0, errors.New("must be a whole number, in decimal digits")
	}
	n, err := strconv.ParseInt(text, 10, strconv.IntSize)
	if err != nil {
		return 0, errors.New("must be a whole number of magnitude below 2⁶³")
	}
	return int(n), nil
}

// ParseUint reads a whole number from 0 to 2⁶⁴ − 1 written in decimal digits, such as a seed.
func ParseUint(text string) (uint64, error) {
	n, err := strconv.ParseUint(strings.TrimPrefix(text, "+"), 10, 64)
	if !digits.MatchString(text) || err != nil {
		return 0, errors.New("must be a whole number from 0 to 2⁶⁴ − 1, in decimal digits")
	}
	return n, nil
}

// ParseFloat reads a decimal number, such as 0.5 or 3e-4, NaN, or an infinity.
func ParseFloat(text string) (float64, error) {
	x, err := strconv.ParseFloat(text, 64)
	switch {
	case errors.Is(err, strconv.ErrRange):
		return 0, errors.New("must be a number of magnitude below 1.8e308")
	case err != nil, strings.ContainsAny(text, "xX_"):
		return 0, errors.New("must be a decimal number, such as 0.5 or 3e-4")
	}
	return x, nil
}
