package store

import "testing"

// Two processes that find no token at the same moment both make one: the first is kept, and both are told of it.
func TestAnUnsubscribeTokenMadeTwiceIsOne(t *testing.T) {
	h := newHouse(t)
	for _, fresh := range []string{"first", "second"} {
		if got, err := h.keepUnsubscribe(h.ctx, unsubscribeRow{fresh, h.org, nadia}); err != nil || got != "first" {
			t.Errorf("kept %q, %v", got, err)
		}
	}
	if got, err := h.UnsubscribeToken(h.ctx, h.org, nadia); err != nil || got != "first" {
		t.Errorf("read %q, %v", got, err)
	}
}
