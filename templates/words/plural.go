package words

import (
	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
)

// form is a plural form of CLDR. French says 0 and 1 alike, and has "many" for whole millions
// (« un million d’euros »); English has one and other.
type form string

const (
	one   form = "one"
	many  form = "many"
	other form = "other"
)

// plurals tells which form goes with a number. go-i18n knows CLDR's rules; it is asked once for
// every small number, and each time for the rare others.
type plurals struct {
	localizer *i18n.Localizer
	small     [256]form
}

// probe is a message whose forms are their own names: what comes back is the form itself.
var probe = &i18n.Message{ID: "form", One: string(one), Many: string(many), Other: string(other)}

func newPlurals(lang Lang) *plurals {
	bundle := i18n.NewBundle(language.Make(string(lang)))
	p := &plurals{localizer: i18n.NewLocalizer(bundle, string(lang))}
	for n := range p.small {
		p.small[n] = p.ask(n)
	}
	return p
}

func (p *plurals) form(n int) form {
	if n >= 0 && n < len(p.small) {
		return p.small[n]
	}
	return p.ask(n)
}

func (p *plurals) ask(n int) form {
	f, err := p.localizer.Localize(&i18n.LocalizeConfig{DefaultMessage: probe, PluralCount: n})
	if err != nil {
		return other
	}
	return form(f)
}
