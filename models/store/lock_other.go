//go:build !unix

package store

import (
	"errors"
	"io/fs"
	"os"
)

// lockFile takes the file for this process alone; held is false when another has it. Where there is no flock, a file
// that somebody holds open cannot be removed, and one left behind by a crash can.
func lockFile(path string) (f *os.File, held bool, err error) {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, false, nil //nolint:nilerr // it is this failure that says somebody holds it
	}
	f, err = os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil, false, nil
	}
	return f, err == nil, err
}
