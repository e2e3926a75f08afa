package sample

import (
	"enveloppe/models"
	"enveloppe/models/cal"
)

// answers are what was said to renewals: last year's, and one to come that is answered already, with what its vendor wrote.
func (b *builder) answers() {
	for _, x := range []struct {
		service string
		before  int // days before the renewal
		next    bool
		proof   bool
		reason  text
	}{
		{"Zoom", 16, false, false, text{"Le conseil se tient à distance une fois sur deux.", "Every other board meeting is held at a distance."}},
		{"MindMeister", 35, false, false, text{"Utile aux projets ; revoir le second siège.", "Useful for our projects; look at the second seat again."}},
		{"Bitwarden", 0, true, true, text{"Le prix est confirmé pour deux ans.", "The price is confirmed for two years."}},
	} {
		s := b.subscriptionOf(x.service)
		renewal, _ := s.NextRenewal(b.today)
		if !x.next {
			renewal = s.Cadence.Occurrence(s.Anchor, s.Cadence.IndexOn(s.Anchor, b.today))
		}
		on := renewal.AddDays(-x.before)
		d := models.Decision{
			ID: b.next(), ServiceID: s.ServiceID, SubscriptionID: s.ID, Kind: models.Keep, By: b.f.People[claire].ID,
			On: cal.Min(on, b.today.AddDays(-4)), Reason: b.say(x.reason), Renewal: renewal,
		}
		b.f.Decisions = append(b.f.Decisions, d)
		if x.proof {
			b.prove(d)
		}
	}
}

// prove files what the vendor wrote.
func (b *builder) prove(d models.Decision) {
	name := b.say(text{"confirmation du prix.pdf", "confirmation of the price.pdf"})
	b.f.Proofs = append(b.f.Proofs, models.Proof{ID: b.next(), DecisionID: d.ID, File: b.pdf(name, confirmation(b.f.Organisation, d), claire)})
}

// confirmation is an invented e-mail of a vendor's on one page, which says that it is.
func confirmation(o models.Organisation, d models.Decision) []byte {
	b := builder{lang: o.Lang}
	return onePage([]string{
		b.say(text{"SPÉCIMEN, sans valeur", "SPECIMEN, of no value"}), "", french(d.On), "",
		b.say(text{"Votre prix reste le même à l’échéance du ", "Your price stays the same at the renewal of "}) + french(d.Renewal) + ".",
	})
}
