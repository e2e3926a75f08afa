package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"

	"gorm.io/gorm/clause"

	"enveloppe/models"
)

// documentRow is the content of a file, under the hash that names it.
type documentRow struct {
	OrganisationID models.ID `gorm:"primaryKey;autoIncrement:false"`
	Hash           string    `gorm:"primaryKey"`
	Content        []byte
}

func (documentRow) TableName() string { return "documents" }

// documentOf names a content by its SHA-256.
func documentOf(org models.ID, content []byte) documentRow {
	sum := sha256.Sum256(content)
	return documentRow{org, hex.EncodeToString(sum[:]), content}
}

// keep stores a content unless it is there already.
func (d documentRow) keep(a *act) error {
	return a.tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&d).Error
}

// document is a file that came, as it is to be kept.
func (a *act) document(named NamedFile) (models.File, documentRow, error) {
	media, err := documentKind(named.Content)
	if err != nil {
		return models.File{}, documentRow{}, err
	}
	d := documentOf(a.org.OrganisationID, named.Content)
	return models.File{
		Name: models.CleanFileName(named.Name), Media: media, Size: int64(len(named.Content)), Hash: d.Hash, AddedAt: a.by.At, AddedBy: a.by.Person,
	}, d, nil
}

// Attach files documents with a payment, or with the whole invoice the payment is of: all of them or none. What a
// document is, is told by its bytes ("file.empty", "file.too_large", "file.kind"), its name is cleaned. A content a second
// time answers the attachment there is; the ID is that of the last file. A closed period takes attachments: they change no
// figure.
func (s *Store) Attach(ctx context.Context, by models.Actor, payment models.ID, files ...NamedFile) (models.ID, error) {
	return s.add(ctx, by, "attachment.add", mayBook, func(a *act) (id models.ID, err error) {
		p, err := fetch(a, &paymentRow{}, payment)
		if err != nil {
			return 0, err
		}
		invoice, err := a.invoiceOf(p)
		if err != nil {
			return 0, err
		}
		for _, f := range files {
			if id, err = a.attach(invoice, f); err != nil {
				return 0, err
			}
		}
		return id, nil
	})
}

// attach files a document with the first of an invoice's payments, unless one of them has it.
func (a *act) attach(invoice []models.ID, named NamedFile) (models.ID, error) {
	f, d, err := a.document(named)
	if err != nil {
		return 0, err
	}
	same, err := a.attachments("payment_id IN ? AND hash = ?", invoice, f.Hash)
	if err != nil || len(same) > 0 {
		return firstID(same), err
	}
	m := models.Attachment{PaymentID: invoice[0], File: f}
	if err := m.Check().Err(); err != nil {
		return 0, err
	}
	if err := d.keep(a); err != nil {
		return 0, err
	}
	return insert(a, &attachmentRow{}, m, m.Name)
}

func documentKind(content []byte) (models.Media, error) {
	var v models.Invalid
	media, known := models.MediaOf(content)
	switch {
	case len(content) == 0:
		v.Add("file", "file.empty")
	case len(content) > models.MaxAttachment:
		v.Add("file", "file.too_large", "max", models.MaxAttachment>>20)
	case !known:
		v.Add("file", "file.kind")
	}
	return media, v.Err()
}

func firstID(list []models.Attachment) models.ID {
	if len(list) == 0 {
		return 0
	}
	return list[0].ID
}

// invoiceOf are the payments of p's invoice that share p's fate, in order; p alone when it has an invoice of its own.
func (a *act) invoiceOf(p models.Payment) ([]models.ID, error) {
	if p.InvoiceID == 0 {
		return []models.ID{p.ID}, nil
	}
	switch {
	case p.ReversesID != 0:
		return a.ids("payments", "invoice_id = ? AND reverses_id IS NOT NULL", p.InvoiceID)
	case p.ReversedByID != 0:
		return a.ids("payments", "invoice_id = ? AND reversed_by_id IS NOT NULL", p.InvoiceID)
	}
	return a.ids("payments", "invoice_id = ? AND reverses_id IS NULL AND reversed_by_id IS NULL", p.InvoiceID)
}

// ids are the organisation's rows of a table under a condition, in order. The plus keeps SQLite from walking all rows in
// that order rather than looking up the few.
func (a *act) ids(table, where string, args ...any) ([]models.ID, error) {
	var list []models.ID
	err := a.mine().Table(table).Where(where, args...).Order("+id").Pluck("id", &list).Error
	return list, err
}

// attachments are the organisation's under a condition, in order.
func (a *act) attachments(where string, args ...any) ([]models.Attachment, error) {
	var rows []attachmentRow
	if err := a.mine().Where(where, args...).Order("id").Find(&rows).Error; err != nil {
		return nil, err
	}
	list := make([]models.Attachment, len(rows))
	for i := range rows {
		list[i] = rows[i].model()
	}
	return list, nil
}

// Detach takes an attachment away, and its content with the last attachment of it. Refused ("closed") when the payment
// lies in a closed period: what was filed then stays.
func (s *Store) Detach(ctx context.Context, by models.Actor, id models.ID) error {
	return s.write(ctx, by, "attachment.remove", mayEdit, func(a *act) error {
		m, err := fetch(a, &attachmentRow{}, id)
		if err != nil {
			return err
		}
		p, err := fetch(a, &paymentRow{}, m.PaymentID)
		if err != nil {
			return err
		}
		if err := a.open(p.PaidOn); err != nil {
			return err
		}
		if err := remove(a, &attachmentRow{}, m, m.Name); err != nil {
			return err
		}
		return a.discard(m.Hash)
	})
}

// follow moves the attachments of a payment to the one that has taken its place; what is there already is not doubled.
// From a closed period nothing is taken: its invoices stay with it, and the other one gets them too.
func (a *act) follow(from, to models.Payment) error {
	through, err := a.closedThrough()
	if err != nil || from.ID == to.ID {
		return err
	}
	closed := !from.PaidOn.After(through)
	if closed && from.InvoiceID != 0 { // those of an invoice are all of its payments'
		return nil
	}
	list, err := a.attachments("payment_id = ?", from.ID)
	if err != nil {
		return err
	}
	for _, m := range list {
		same, err := a.attachments("payment_id = ? AND hash = ?", to.ID, m.Hash)
		if err != nil {
			return err
		}
		if len(same) > 0 {
			continue
		}
		m.PaymentID = to.ID
		if closed {
			_, err = insert(a, &attachmentRow{}, m, m.Name)
		} else {
			err = a.moveFile(m)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// moveFile writes an attachment that has gone to another payment.
func (a *act) moveFile(m models.Attachment) error {
	var r attachmentRow
	r.fill(m)
	if err := rewrite(a, &r); err != nil {
		return err
	}
	name, err := a.name(nameOfPayment, m.PaymentID)
	if err == nil {
		a.note(r.kind(), m.ID, m.Name, []models.Change{{Field: "payment", After: name}})
	}
	return err
}

// Content is an attachment with its bytes.
func (s *Store) Content(ctx context.Context, org, id models.ID) (models.Attachment, []byte, error) {
	var r attachmentRow
	var content []byte
	// One query, so that an attachment taken away meanwhile is there whole or not at all.
	row, err := s.texts.row(ctx, contentQuery, int64(org), int64(id))
	if err != nil {
		return models.Attachment{}, nil, err
	}
	if err := row.Scan(append(attachmentShape.into(&r), &content)...); err != nil {
		return models.Attachment{}, nil, absent("read the attachment", err)
	}
	return r.model(), content, nil
}

var (
	attachmentShape = shapeOf[attachmentRow]()
	contentQuery    = "SELECT " + attachmentShape.list + `, d.content FROM attachments t
		JOIN documents d ON d.organisation_id = t.organisation_id AND d.hash = t.hash
		WHERE t.organisation_id = ? AND t.id = ?`
)
