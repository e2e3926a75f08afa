package store

import (
	"maps"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/money"
)

// accountingVerbs are those of payments, invoices, files, closed periods, comparisons and published rates.
func accountingVerbs() map[string]verb {
	return map[string]verb{
		"RecordPayment part": {mayEdit, func(s *Store, h *house, by models.Actor) error {
			return first(s.RecordPayment(h.ctx, by, models.Payment{
				SubscriptionID: dropboxSub, ChargeOn: day("2026-03-31"), Part: true, PaidOn: today, Billed: money.Euros(1),
			}, today))
		}, false},
		"ReversePayment": {mayEdit, func(s *Store, h *house, by models.Actor) error {
			return first(s.ReversePayment(h.ctx, by, aPayment, ""))
		}, false},
		"CorrectPayment": {mayEdit, func(s *Store, h *house, by models.Actor) error {
			return first(s.CorrectPayment(h.ctx, by, aPayment, models.Payment{ServiceID: dropbox, PaidOn: today, Billed: money.Euros(1)}, today))
		}, false},
		"RecordInvoice": {mayEdit, func(s *Store, h *house, by models.Actor) error {
			_, err := s.RecordInvoice(h.ctx, by, twoServices(), today)
			return err
		}, false},
		"ReverseInvoice": {mayEdit, func(s *Store, h *house, by models.Actor) error { return s.ReverseInvoice(h.ctx, by, aPayment, "") }, false},
		"RebookPayment": {mayBook, func(s *Store, h *house, by models.Actor) error {
			return first(s.RebookPayment(h.ctx, by, aPayment, models.Booking{Account: "626"}))
		}, false},
		"Attach": {mayBook, func(s *Store, h *house, by models.Actor) error {
			return first(s.Attach(h.ctx, by, aPayment, NamedFile{"F2.pdf", other}))
		}, false},
		"Detach": {mayEdit, func(s *Store, h *house, by models.Actor) error { return s.Detach(h.ctx, by, aFile) }, false},
		"CloseAccounts": {mayClose, func(s *Store, h *house, by models.Actor) error {
			return first(s.CloseAccounts(h.ctx, by, models.Closing{Through: day("2026-03-31")}, today))
		}, true},
		"ReopenAccounts": {mayManage, func(s *Store, h *house, by models.Actor) error {
			return s.ReopenAccounts(h.ctx, by, h.closing(), "oubli", today)
		}, false},
		"SaveBookkeeping": {mayKeepBooks, func(s *Store, h *house, by models.Actor) error {
			r, err := s.Register(h.ctx, by.Organisation)
			if err != nil {
				return err
			}
			return s.SaveBookkeeping(h.ctx, by, models.Bookkeeping{PurchaseJournal: "HA"}, r.Organisation.Version)
		}, true},
		"MarkExport": {mayExport, func(s *Store, h *house, by models.Actor) error {
			return first(s.MarkExport(h.ctx, by, models.ExportMark{Kind: "journal", Span: cal.Inclusive(day("2026-01-01"), day("2026-12-31"))}))
		}, true},
		"AddComparison": {mayEdit, func(s *Store, h *house, by models.Actor) error {
			return first(s.AddComparison(h.ctx, by, comparison()))
		}, false},
		"SaveComparison": {mayEdit, func(s *Store, h *house, by models.Actor) error {
			c := h.reg().Comparisons[0]
			c.Users = 6
			return s.SaveComparison(h.ctx, by, c)
		}, false},
		"RemoveComparison": {mayEdit, func(s *Store, h *house, by models.Actor) error {
			return s.RemoveComparison(h.ctx, by, aComparison)
		}, false},
		"ImportRates": {mayEdit, func(s *Store, h *house, by models.Actor) error {
			_, err := s.ImportRates(h.ctx, by, []models.ReferenceRate{{Currency: "USD", Day: today, Rate: rate("1.1")}}, today)
			return err
		}, true},
	}
}

func twoServices() models.Invoice {
	return models.Invoice{
		Payment: models.Payment{PaidOn: today, Billed: money.Euros(1500), InvoiceNumber: "F9"},
		Lines: []models.InvoiceLine{
			{ServiceID: dropbox, Billed: money.Euros(1000)},
			{ServiceID: agenda, Billed: money.Euros(500)},
		},
	}
}

// bankVerbs are those of bank accounts, statements and their lines.
func bankVerbs() map[string]verb {
	return map[string]verb{
		"AddBankAccount": {mayEdit, func(s *Store, h *house, by models.Actor) error {
			return first(s.AddBankAccount(h.ctx, by, models.BankAccount{Name: "X"}))
		}, true},
		"SaveBankAccount": {mayEdit, func(s *Store, h *house, by models.Actor) error {
			b := h.reg().BankAccounts[0]
			b.Name = "X"
			return s.SaveBankAccount(h.ctx, by, b)
		}, false},
		"RemoveBankAccount": {mayEdit, func(s *Store, h *house, by models.Actor) error { return s.RemoveBankAccount(h.ctx, by, savings) }, false},
		"StageStatement": {mayEdit, func(s *Store, h *house, by models.Actor) error {
			return first(s.StageStatement(h.ctx, by, StatementFile{AccountID: current, Name: "a.csv", Content: []byte("x")}))
		}, false},
		"SetStatement": {mayEdit, func(s *Store, h *house, by models.Actor) error {
			return s.SetStatement(h.ctx, by, StatementFile{ID: h.stagedFile(), AccountID: savings})
		}, false},
		"DropStatement": {mayEdit, func(s *Store, h *house, by models.Actor) error {
			return s.DropStatement(h.ctx, by, h.stagedFile())
		}, false},
		"ImportStatement": {mayEdit, func(s *Store, h *house, by models.Actor) error {
			_, err := s.ImportStatement(h.ctx, by, h.stagedFile(), nil)
			return err
		}, false},
		"ConfirmMatches": {mayEdit, func(s *Store, h *house, by models.Actor) error {
			_, err := s.ConfirmMatches(h.ctx, by, []models.Match{{Line: marchLine, SubscriptionID: dropboxSub, ChargeOn: day("2026-03-31")}}, today)
			return err
		}, false},
		"UndoMatch": {mayEdit, func(s *Store, h *house, by models.Actor) error { return s.UndoMatch(h.ctx, by, paidLine) }, false},
		"SetAside":  {mayEdit, func(s *Store, h *house, by models.Actor) error { return s.SetAside(h.ctx, by, []models.ID{powerLine}) }, false},
		"TakeBack":  {mayEdit, func(s *Store, h *house, by models.Actor) error { return s.TakeBack(h.ctx, by, asideLine) }, false},
		"SetAsideLabel": {mayEdit, func(s *Store, h *house, by models.Actor) error {
			_, err := s.SetAsideLabel(h.ctx, by, models.LabelKey("EDF ELECTRICITE"))
			return err
		}, true},
		"TakeBackLabel": {mayEdit, func(s *Store, h *house, by models.Actor) error {
			return s.TakeBackLabel(h.ctx, by, models.LabelKey("SFR"))
		}, false},
	}
}

// ready makes what a verb needs beyond the furnished house.
func (h *house) ready(verb string) {
	h.Helper()
	switch verb {
	case "UndoAnswer", "AddProof":
		h.id(h.AnswerRenewal(h.ctx, h.by, h.answer(models.Keep), today))
	case "RemoveProof":
		h.id(h.AnswerRenewal(h.ctx, h.by, h.answer(models.Keep, func(a *Answer) { a.Proofs = []NamedFile{{"x.pdf", other}} }), today))
	case "RestorePlan":
		h.ok(h.RetirePlan(h.ctx, h.by, dropboxPlus, today))
	case "RestoreService":
		h.ok(h.ArchiveService(h.ctx, h.by, skype, today))
	case "WithdrawInvitation":
		h.ok(h.Invite(h.ctx, h.by, paul, secret("withdrawn")))
	case "ReopenAccounts":
		h.id(h.CloseAccounts(h.ctx, h.by, models.Closing{Through: day("2026-01-31")}, today))
	case "TakeBackLabel":
		_, err := h.SetAsideLabel(h.ctx, h.by, models.LabelKey("SFR"))
		h.ok(err)
	case "CopyScenario", "SaveScenario", "RemoveScenario", "ApplyScenario":
		h.id(h.AddScenario(h.ctx, h.by, oneSeatMore()))
	case "AnswerProposal", "WithdrawProposal":
		h.id(h.Propose(h.ctx, h.by, wanted()))
	case "ReopenProposal":
		id := h.id(h.Propose(h.ctx, h.by, wanted()))
		h.ok(h.AnswerProposal(h.ctx, h.by, id, false, "Trop cher"))
	case "EditChannel", "RekeyChannel", "PauseChannel", "RemoveChannel":
		h.id(h.AddChannel(h.ctx, h.by, slackChannel()))
	case "RestoreChannel":
		h.ok(h.RemoveChannel(h.ctx, h.by, h.id(h.AddChannel(h.ctx, h.by, slackChannel()))))
	case "SetStatement", "DropStatement", "ImportStatement":
		h.stage(statementText(3))
	}
}

func everyVerb() map[string]verb {
	all := verbs()
	maps.Copy(all, accountingVerbs())
	maps.Copy(all, bankVerbs())
	maps.Copy(all, scenarioVerbs())
	maps.Copy(all, reviewVerbs())
	maps.Copy(all, proposalVerbs())
	maps.Copy(all, channelVerbs())
	return all
}
