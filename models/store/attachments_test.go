package store

import (
	"bytes"
	"strings"
	"testing"

	"enveloppe/models"
	"enveloppe/models/money"
)

func (h *house) documents() int {
	h.Helper()
	return len(h.everything()["documents"])
}

func TestAttach(t *testing.T) {
	h := newFurnishedHouse(t)
	attach := func(content []byte) (models.ID, error) {
		return h.Attach(h.ctx, h.by, aPayment, NamedFile{`C:\factures\mars 2026.pdf`, content})
	}
	id := h.id(attach(other))
	m, content, err := h.Content(h.ctx, h.org, id)
	if err != nil || !bytes.Equal(content, other) || m.Name != "mars 2026.pdf" || m.Media != models.PDF || m.Size != int64(len(other)) ||
		m.AddedBy != nadia || !m.AddedAt.Equal(noon) || m.Hash != hashOf(other) {
		t.Errorf("attached %+v, %v", m, err)
	}
	h.same()
	before := h.revision()
	if again := h.id(attach(other)); again != id || h.revision() != before {
		t.Errorf("attached again as %d at %d", again, h.revision())
	}
	big := append([]byte("%PDF-"), make([]byte, models.MaxAttachment)...)
	for name, c := range map[string]struct {
		content []byte
		want    error
	}{
		"empty":     {nil, invalid("file", "file.empty")},
		"a script":  {[]byte("#!/bin/sh"), invalid("file", "file.kind")},
		"too large": {big, invalid("file", "file.too_large")},
	} {
		t.Run(name, func(t *testing.T) {
			h.TB = t
			h.refuses(c.want, func() error { return first(attach(c.content)) })
		})
	}
	h.TB = t
	h.id(attach(big[:models.MaxAttachment]))
	h.refuses(models.ErrNotFound, func() error { return first(h.Attach(h.ctx, h.by, 99, NamedFile{"x", other})) })
	if _, _, err := h.Content(h.ctx, h.org+1, id); !refusedAs(err, models.ErrNotFound) {
		t.Errorf("content of another's: %v", err)
	}
}

// Files that come together are kept together: a second one that is refused leaves nothing of the first.
func TestFilesAreKeptTogetherOrNot(t *testing.T) {
	h := newFurnishedHouse(t)
	good, bad := NamedFile{"facture.pdf", append([]byte("%PDF-"), 1)}, NamedFile{"script.sh", []byte("#!/bin/sh")}
	h.refuses(invalid("file", "file.kind"), func() error { return first(h.Attach(h.ctx, h.by, aPayment, good, bad)) })
	before := h.documents()
	h.id(h.Attach(h.ctx, h.by, aPayment, good, NamedFile{"suite.pdf", append([]byte("%PDF-"), 2)}))
	if got := h.documents(); got != before+2 {
		t.Errorf("%d documents after two more, of %d", got, before)
	}
	h.same()
}

// A content is kept once, and goes with its last attachment.
func TestContentsAreKeptOnce(t *testing.T) {
	h := newFurnishedHouse(t)
	p := h.id(h.RecordPayment(h.ctx, h.by, models.Payment{ServiceID: agenda, PaidOn: today, Billed: money.Euros(500)}, today))
	twin := h.id(h.Attach(h.ctx, h.by, p, NamedFile{"copie.pdf", pdf}))
	if twin == aFile || h.documents() != 1 {
		t.Errorf("%d documents", h.documents())
	}
	h.ok(h.Detach(h.ctx, h.by, aFile))
	if _, content, err := h.Content(h.ctx, h.org, twin); err != nil || !bytes.Equal(content, pdf) {
		t.Errorf("the other is gone: %v", err)
	}
	h.ok(h.Detach(h.ctx, h.by, twin))
	if h.documents() != 0 || len(h.reg().Attachments) != 0 {
		t.Errorf("%d documents, %d attachments", h.documents(), len(h.reg().Attachments))
	}
	h.refuses(models.ErrNotFound, func() error { return h.Detach(h.ctx, h.by, twin) })
	h.same()
}

// Files and bank line go with the payment they belong to, wherever a correction takes it.
func TestFilesFollowACorrection(t *testing.T) {
	h := newFurnishedHouse(t)
	wrong := h.payment(aPayment)
	wrong.Billed, wrong.Note = money.Euros(3100), "montant"
	right := h.id(h.CorrectPayment(h.ctx, h.by, aPayment, wrong, today))
	if files := h.reg().AttachmentsOf(h.payment(right)); len(files) != 1 || files[0].ID != aFile || len(h.reg().AttachmentsOf(h.payment(aPayment))) != 0 {
		t.Errorf("files %+v", files)
	}
	if l := h.bankLine(paidLine); l.PaymentID != right {
		t.Errorf("line %+v", l)
	}
	h.same()
	entries, err := h.Audit(h.ctx, h.org, AuditFilter{Limit: 10})
	h.ok(err)
	var told []string
	for _, e := range entries {
		if e.Revision == h.revision() {
			told = append(told, e.Verb+" "+e.Kind)
		}
	}
	if got := strings.Join(told, ", "); got != "payment.correct bank_line, payment.correct attachment, payment.correct payment, payment.correct payment, payment.correct payment" {
		t.Errorf("the log says %s", got)
	}
	h.id(h.ReversePayment(h.ctx, h.by, right, ""))
	if files := h.reg().AttachmentsOf(h.payment(right)); len(files) != 1 {
		t.Error("the file has left the payment that was reversed")
	}
	if l := h.bankLine(paidLine); !l.Open() {
		t.Errorf("line %+v", l)
	}
	h.same()
}
