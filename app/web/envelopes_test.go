package web

import (
	"net/http"
	"slices"
	"testing"

	"enveloppe/models"
	"enveloppe/models/money"
)

func TestSharesOfAnEnvelope(t *testing.T) {
	s := newSite(t).as(models.Director)
	fn := s.register().ByPosition()
	first, second := shareName(fn[0].ID), shareName(fn[1].ID)
	base := []string{"floor", "800", "ceiling", "1 000", "version", "0"}
	with := func(pairs ...string) []string { return append(slices.Clone(base), pairs...) }
	page := s.submit("/envelopes/2027", with(first, "600", second, "400,01")...)
	page.wants(t, http.StatusUnprocessableEntity, "Les parts dépassent le plafond de 0,01", `value="400,01"`)
	s.submit("/envelopes/2027", with(first, "beaucoup")...).wants(t, http.StatusUnprocessableEntity, `id="`+first+`-error"`, `value="beaucoup"`)
	if _, set := s.register().Envelope(2027); set {
		t.Fatal("half of it was saved")
	}
	s.submit("/envelopes/2027", with(first, "600,50", second, "")...).follows(t, "/envelope?year=2027")
	e, _ := s.register().Envelope(2027)
	if len(e.Shares) != 1 || e.ShareOf(fn[0].ID) != money.Euros(60_050) {
		t.Fatalf("shares %+v", e.Shares)
	}
	s.get("/envelopes/2027").wants(t, http.StatusOK, `value="600,50"`)
	s.get("/envelope?year=2027").wants(t, http.StatusOK, "600,50", "laissent 399,50")
	s.get("/envelopes").wants(t, http.StatusOK, "600,50", fn[0].Name)
	s.get("/audit").wants(t, http.StatusOK, "parts par fonction", fn[0].Name+" 600.50 EUR")

	s.submit("/envelopes/2027/removal").follows(t, "/envelope?year=2027")
	s.get("/envelope?year=2027").wants(t, http.StatusOK, first+"=600.5")
}

// A year without an envelope is proposed that of the year before, and says why.
func TestEnvelopeIsProposed(t *testing.T) {
	s := newSite(t).as(models.Director)
	e := thisYear(&s.facts)
	p := s.register().ProposeEnvelope(s.register().Organisation.YearStart.Year(2027), testDay)
	if p.Why != models.ProposalKept || p.Ceiling != e.Ceiling {
		t.Fatalf("the sample proposes %+v", p)
	}
	s.get("/envelopes").wants(t, http.StatusOK, "Proposition", "l’enveloppe 2026 reprise", `href="/envelopes/2027"`)
	s.get("/envelopes/2027").wants(t, http.StatusOK, "l’enveloppe 2026 reprise", `value="`+e.Ceiling.Comma()+`"`)
	s.as(models.Staff).get("/envelopes").wants(t, http.StatusOK, "2026")
}
