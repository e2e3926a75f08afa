package api

import (
	"fmt"

	"enveloppe/models"
	"enveloppe/models/money"
)

type organisationAnswer struct {
	ID        models.ID      `json:"id"`
	Name      string         `json:"name"`
	Currency  money.Currency `json:"currency"`
	YearStart string         `json:"year_start"` // MM-DD
	TimeZone  string         `json:"time_zone"`
	Language  models.Lang    `json:"language"`
	Headcount *int           `json:"headcount"`
	SIREN     *string        `json:"siren"`
	Today     string         `json:"today"`
	Year      fiscalYear     `json:"year"`
	Amounts   bool           `json:"amounts"` // whether the token's owner reads amounts
	Functions []named        `json:"functions"`
	Token     tokenAnswer    `json:"token"`
}

type tokenAnswer struct {
	Name      string            `json:"name"`
	Scope     models.TokenScope `json:"scope"`
	ExpiresOn *string           `json:"expires_on"`
	Person    *named            `json:"person"`
	Role      models.Role       `json:"role"`
}

// organisation says where one is, and as whom.
func organisation(c *call) (any, error) {
	if err := c.asks(); err != nil {
		return nil, err
	}
	o, b := c.register.Organisation, c.bearer
	a := organisationAnswer{
		ID: o.ID, Name: o.Name, Currency: money.EUR, YearStart: fmt.Sprintf("%02d-%02d", o.YearStart.Month, o.YearStart.Day),
		TimeZone: o.Zone, Language: o.Lang, SIREN: text(o.SIREN), Today: c.today().String(), Year: yearOf(c.register.Year(c.today())),
		Amounts: c.amounts, Functions: []named{},
		Token: tokenAnswer{Name: b.Token.Name, Scope: b.Scope, ExpiresOn: date(b.ExpiresOn), Person: namedOf(b.PersonID, b.Person), Role: b.Role},
	}
	if o.Headcount > 0 {
		a.Headcount = &o.Headcount
	}
	for _, f := range c.register.ByPosition() {
		a.Functions = append(a.Functions, named{f.ID, f.Name})
	}
	return a, nil
}
