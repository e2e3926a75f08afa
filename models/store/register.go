package store

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"enveloppe/models"
)

// cached is how many organisations' registers are kept ready.
const cached = 32

// cache keeps the register of the organisations asked for last. What it holds is only ever a start: each question
// compares revisions first.
type cache struct {
	mu    sync.Mutex
	known map[models.ID]*shelfmark
	clock int64
}

// shelfmark is one organisation's place in the cache.
type shelfmark struct {
	used  int64         // cache.clock at its last use
	turn  chan struct{} // held by whoever brings the facts up to date, so that the others wait for the result
	facts *models.Facts // under turn; lists may have room after their end, which only the next refresh may use
	ready atomic.Pointer[models.Register]
}

func newCache() *cache { return &cache{known: map[models.ID]*shelfmark{}} }

// of is the organisation's place, made if need be; the one used longest ago then goes.
func (c *cache) of(org models.ID) *shelfmark {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.clock++
	if m, ok := c.known[org]; ok {
		m.used = c.clock
		return m
	}
	if len(c.known) >= cached {
		var oldest models.ID
		for id, m := range c.known {
			if oldest == 0 || m.used < c.known[oldest].used {
				oldest = id
			}
		}
		delete(c.known, oldest)
	}
	m := &shelfmark{used: c.clock, turn: make(chan struct{}, 1)}
	c.known[org] = m
	return m
}

// take waits for the turn.
func (m *shelfmark) take(ctx context.Context) error {
	select {
	case m.turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (m *shelfmark) leave() { <-m.turn }

// bring makes the register as a transaction sees it. The caller has the turn.
func (m *shelfmark) bring(ctx context.Context, q querier, org models.ID) (*models.Register, error) {
	f, err := bring(ctx, q, org, m.facts)
	if err != nil {
		return nil, err
	}
	m.facts = &f
	r := models.NewRegister(clipped(f))
	m.ready.Store(r)
	return r, nil
}

// clipped hides the room after each list's end: somebody who appends to a list gets a list of their own.
func clipped(f models.Facts) models.Facts {
	f.People, f.Functions, f.Vendors, f.Means = slices.Clip(f.People), slices.Clip(f.Functions), slices.Clip(f.Vendors), slices.Clip(f.Means)
	f.Services, f.Plans, f.Subscriptions = slices.Clip(f.Services), slices.Clip(f.Plans), slices.Clip(f.Subscriptions)
	f.Payments, f.Waivers, f.Envelopes = slices.Clip(f.Payments), slices.Clip(f.Waivers), slices.Clip(f.Envelopes)
	f.Rates, f.Decisions, f.Flags, f.Cleared = slices.Clip(f.Rates), slices.Clip(f.Decisions), slices.Clip(f.Flags), slices.Clip(f.Cleared)
	f.Attachments, f.Closings = slices.Clip(f.Attachments), slices.Clip(f.Closings)
	f.BankAccounts, f.Comparisons = slices.Clip(f.BankAccounts), slices.Clip(f.Comparisons)
	f.Exports, f.Scenarios = slices.Clip(f.Exports), slices.Clip(f.Scenarios)
	f.Proofs, f.Reviews, f.Proposals, f.Channels = slices.Clip(f.Proofs), slices.Clip(f.Reviews), slices.Clip(f.Proposals), slices.Clip(f.Channels)
	return f
}

// Register is everything an organisation has recorded, as of a revision no older than this call. It is kept between
// calls and only what has changed is read again, so asking for it each time costs next to nothing.
//
// The error is models.ErrNotFound when there is no such organisation.
func (s *Store) Register(ctx context.Context, org models.ID) (*models.Register, error) {
	revision, err := s.Revision(ctx, org)
	if err != nil {
		return nil, err
	}
	m := s.cache.of(org)
	if r := m.ready.Load(); r != nil && r.Revision >= revision {
		return r, nil
	}
	if err := m.take(ctx); err != nil {
		return nil, err
	}
	defer m.leave()
	if r := m.ready.Load(); r != nil && r.Revision >= revision {
		return r, nil
	}
	// No read-only option: the driver would take the connection's own query_only away with it at the end.
	tx, err := s.readers.BeginTx(ctx, nil)
	if err != nil {
		return nil, fmt.Errorf("read the register: %w", err)
	}
	defer tx.Rollback()
	return m.bring(ctx, prepared{tx, s.texts}, org)
}
