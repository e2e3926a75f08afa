package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Restore puts the copy at from in the place of the database at to, and gives the name under which what stood there is
// kept; empty when nothing did. The copy is read whole and checked before anything is moved; no server may hold to.
func Restore(ctx context.Context, from, to string) (kept string, err error) {
	if from, err = filepath.Abs(from); err != nil {
		return "", fmt.Errorf("find the copy: %w", err)
	}
	if _, err := os.Stat(from); err != nil {
		return "", fmt.Errorf("read the copy: %w", err)
	}
	path, err := Options{Path: to}.path()
	if err != nil {
		return "", err
	}
	at, want, err := versions(ctx, from)
	if err != nil {
		return "", err
	}
	if at == 0 {
		return "", &refusal{ErrOther, from + " holds no register; give a file that enveloppe backup wrote"}
	}
	if err := refuseNewer(from, at, want); err != nil {
		return "", err
	}
	lock, err := takeLock(path)
	if err != nil {
		return "", err
	}
	defer lock.Close() //nolint:errcheck // nothing is written through it
	fresh, err := freeName(path + ".restoring")
	if err != nil {
		return "", err
	}
	if err := copyDatabase(ctx, from, fresh); err != nil {
		return "", fmt.Errorf("copy %s: %w", from, err)
	}
	if kept, err = setAside(ctx, path); err != nil {
		return "", errors.Join(err, os.Remove(fresh))
	}
	if err := os.Rename(fresh, path); err != nil {
		return kept, fmt.Errorf("put the copy in place: %w", err)
	}
	return kept, syncDir(filepath.Dir(path))
}

// setAside keeps the database under another name. It is copied, so that what its write-ahead log still holds is in it;
// then the log goes, or it would be played into the restored file. One too damaged to be copied, which may well be why
// somebody restores, is moved as it is, its log beside it.
func setAside(ctx context.Context, path string) (string, error) {
	if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	kept, err := freeName(path + ".before-restore")
	if err != nil {
		return "", err
	}
	if err := copyDatabase(ctx, path, kept); err != nil {
		if ctx.Err() != nil {
			return "", fmt.Errorf("keep what stands in %s: %w", path, err)
		}
		return kept, moveAside(path, kept)
	}
	for _, tail := range []string{"-wal", "-shm"} {
		if err := os.Remove(path + tail); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return "", fmt.Errorf("remove the log of %s: %w", path, err)
		}
	}
	return kept, nil
}

func moveAside(path, kept string) error {
	for _, tail := range []string{"", "-wal", "-shm"} {
		if err := os.Rename(path+tail, kept+tail); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("keep what stands in %s: %w", path, err)
		}
	}
	return nil
}

// freeName is the name, or the name with the first number that nothing has yet.
func freeName(name string) (string, error) {
	try := name
	for n := 2; n < 1000; n++ {
		if _, err := os.Lstat(try); errors.Is(err, fs.ErrNotExist) {
			return try, nil
		}
		try = fmt.Sprintf("%s-%d", name, n)
	}
	return "", fmt.Errorf("too many files are called %s; move some away", name)
}
