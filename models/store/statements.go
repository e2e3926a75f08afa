package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
)

// statements keeps the readers' few constant queries prepared: asking one costs a third of preparing it.
type statements struct {
	db   *sql.DB
	mu   sync.RWMutex
	kept map[string]*sql.Stmt
}

func newStatements(db *sql.DB) *statements {
	return &statements{db: db, kept: map[string]*sql.Stmt{}}
}

// of prepares a query at its first use. Only constant texts may come here, as none is ever let go before close.
func (p *statements) of(ctx context.Context, query string) (*sql.Stmt, error) {
	p.mu.RLock()
	stmt, ok := p.kept[query]
	p.mu.RUnlock()
	if ok {
		return stmt, nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if stmt, ok := p.kept[query]; ok {
		return stmt, nil
	}
	stmt, err := p.db.PrepareContext(ctx, query) //nolint:sqlclosecheck // kept until close
	if err != nil {
		return nil, fmt.Errorf("prepare a query: %w", err)
	}
	p.kept[query] = stmt
	return stmt, nil
}

func (p *statements) row(ctx context.Context, query string, args ...any) (*sql.Row, error) {
	stmt, err := p.of(ctx, query) //nolint:sqlclosecheck // kept until close
	if err != nil {
		return nil, err
	}
	return stmt.QueryRowContext(untied(ctx), args...), nil
}

// untied is the context without its end. To watch for an end, database/sql and the driver each start a goroutine a
// query, which costs more than these queries take.
func untied(ctx context.Context) context.Context { return context.WithoutCancel(ctx) }

func (p *statements) close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	var errs []error
	for query, stmt := range p.kept {
		errs = append(errs, stmt.Close())
		delete(p.kept, query)
	}
	return errors.Join(errs...)
}

// prepared is a reading transaction whose queries are prepared ones.
type prepared struct {
	tx    *sql.Tx
	texts *statements
}

func (p prepared) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	stmt, err := p.texts.of(ctx, query)
	if err != nil {
		return nil, err
	}
	return p.tx.StmtContext(untied(ctx), stmt).QueryContext(untied(ctx), args...) //nolint:sqlclosecheck // it goes with its transaction
}
