package words

import "enveloppe/models/cal"

// Cadence says how often something comes back: "tous les ans", "tous les 3 mois", "une seule fois".
func (w *Words) Cadence(c cal.Cadence) string {
	if c.Unit == cal.Once {
		return w.T("cadence.once")
	}
	return w.N("cadence.every."+string(c.Unit), c.Every)
}

// CadencePer follows a price: "par an", "par mois", "tous les 3 mois".
func (w *Words) CadencePer(c cal.Cadence) string {
	switch {
	case c.Unit == cal.Once:
		return w.T("cadence.once")
	case c.Every == 1:
		return w.T("cadence.per." + string(c.Unit))
	default:
		return w.Cadence(c)
	}
}

// Notice says how long before a renewal it must be refused: "30 jours", "1 mois", "sans préavis".
func (w *Words) Notice(n cal.Notice) string {
	if n.N == 0 {
		return w.T("cadence.no_notice")
	}
	return w.N("cadence.length."+string(n.Unit), n.N)
}
