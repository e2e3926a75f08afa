//go:build cgo

package store

import (
	_ "github.com/mattn/go-sqlite3" // at the version of go.mod, newer than GORM's driver asks for
	"gorm.io/driver/sqlite"
	"gorm.io/gorm"
)

const driverName = "sqlite3"

// The three ways of opening a file. Settings stand in the address because a PRAGMA statement holds for one pooled
// connection only.
func writerDSN(path string) string {
	return fileURL(path) + "?_journal_mode=WAL&_busy_timeout=5000&_foreign_keys=1&_synchronous=FULL&_txlock=immediate"
}

func readerDSN(path string) string {
	return fileURL(path) + "?mode=ro&_query_only=1&_busy_timeout=5000&_foreign_keys=1"
}

// migratorDSN leaves foreign keys off: rebuilding a table with them on would empty its children without a word.
func migratorDSN(path string) string {
	return fileURL(path) + "?_busy_timeout=5000&_foreign_keys=0&_synchronous=FULL&_txlock=immediate"
}

func dialector(conn gorm.ConnPool) gorm.Dialector {
	return sqlite.New(sqlite.Config{DriverName: driverName, Conn: conn})
}
