// Package mapping maps files into memory, where the system can, and reads them elsewhere.
package mapping
