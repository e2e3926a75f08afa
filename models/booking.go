package models

import "enveloppe/models/cal"

// Booking is how a payment stands in the books, and what proves it: all of it may be put right without touching what was
// paid, when, or for what.
type Booking struct {
	Account, Analytic string
	InvoiceNumber     string
	InvoiceDate       cal.Date
	Note              string
}

// Check finds what is wrong with a booking as such; how it fits its payment is the payment's to check.
func (b Booking) Check() Invalid {
	var v Invalid
	if b.Account == "" {
		v.Add("account", "required")
	}
	return v
}

// Booking is how the payment stands in the books.
func (p Payment) Booking() Booking {
	return Booking{p.Account, p.Analytic, p.InvoiceNumber, p.InvoiceDate, p.Note}
}

// Rebooked is the payment with another booking, and nothing else of it changed.
func (p Payment) Rebooked(b Booking) Payment {
	p.Account, p.Analytic, p.InvoiceNumber, p.InvoiceDate, p.Note = b.Account, b.Analytic, b.InvoiceNumber, b.InvoiceDate, b.Note
	return p
}
