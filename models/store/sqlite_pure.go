//go:build !cgo

package store

import (
	"errors"

	"gorm.io/driver/sqlite"
	"gorm.io/gorm"
	pure "modernc.org/sqlite"
)

// Without a C compiler the same SQLite runs as Go, translated: the same file, the same dialect.
const driverName = "sqlite"

func writerDSN(path string) string {
	return fileURL(path) + "?_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)&_pragma=foreign_keys(1)&_pragma=synchronous(2)&_txlock=immediate&_time_format=sqlite"
}

func readerDSN(path string) string {
	return fileURL(path) + "?mode=ro&_pragma=busy_timeout(5000)&_pragma=query_only(1)&_pragma=foreign_keys(1)&_time_format=sqlite"
}

// migratorDSN leaves foreign keys off: rebuilding a table with them on would empty its children without a word.
func migratorDSN(path string) string {
	return fileURL(path) + "?_pragma=busy_timeout(5000)&_pragma=foreign_keys(0)&_pragma=synchronous(2)&_txlock=immediate&_time_format=sqlite"
}

// translated gives the driver's errors the names GORM has for them, which its own dialector only knows of mattn's.
type translated struct{ gorm.Dialector }

func (translated) Translate(err error) error {
	switch constraint(err) {
	case 2067, 1555:
		return gorm.ErrDuplicatedKey
	case 787:
		return gorm.ErrForeignKeyViolated
	case 275:
		return gorm.ErrCheckConstraintViolated
	}
	return err
}

func dialector(conn gorm.ConnPool) gorm.Dialector {
	return translated{sqlite.New(sqlite.Config{DriverName: driverName, Conn: conn})}
}

// constraint is SQLite's extended code of a broken constraint, 0 for any other error.
func constraint(err error) int {
	var e *pure.Error
	if errors.As(err, &e) && e.Code()&0xff == 19 {
		return e.Code()
	}
	return 0
}
