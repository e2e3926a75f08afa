package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"enveloppe/models"
	"enveloppe/models/cal"
)

// ErrAltered is answered for a frozen document whose bytes are not those that were frozen: somebody changed the file
// behind the program's back.
var ErrAltered = errors.New("the frozen document is not the one that was frozen")

// formJSON is the frozen document itself; its pages are kept under their language.
const formJSON = "json"

// SaveReview saves what the director writes in the review of a fiscal year that has begun: a new one with Version 0, else
// the one that was read with that Version. A closed one is refused ("review.closed").
func (s *Store) SaveReview(ctx context.Context, by models.Actor, v models.Review) error {
	return s.write(ctx, by, "review.save", mayManage, func(a *act) error {
		v = v.Tidy()
		bad := v.Check()
		for _, n := range v.Notes {
			if err := a.lacks(&bad, "note."+strconv.FormatInt(int64(n.ServiceID), 10), "services", n.ServiceID); err != nil {
				return err
			}
		}
		if err := bad.Err(); err != nil {
			return err
		}
		before, err := a.openReview(v.Year, v.Version, a.today())
		if err != nil {
			return err
		}
		v.ID, v.ClosedAt, v.ClosedOn, v.ClosedBy, v.Hash = before.ID, before.ClosedAt, before.ClosedOn, before.ClosedBy, before.Hash
		if before.ID == 0 {
			_, err = insert(a, &reviewRow{}, v, strconv.Itoa(v.Year))
			return err
		}
		return change(a, &reviewRow{}, before, v, strconv.Itoa(v.Year))
	})
}

// CloseReview freezes the review of a fiscal year that has begun, as it was read with the version (0 when nobody wrote
// anything in it): the document is kept with its hash, and its pages in every language, and none of it changes any more.
func (s *Store) CloseReview(ctx context.Context, by models.Actor, year int, version int64, document []byte, pdfs map[models.Lang][]byte, on cal.Date) error {
	return s.write(ctx, by, "review.close", mayManage, func(a *act) error {
		before, err := a.openReview(year, version, on)
		if err != nil {
			return err
		}
		if len(document) == 0 {
			return errors.New("there is no document to freeze")
		}
		for _, lang := range []models.Lang{models.French, models.English} {
			if !bytes.HasPrefix(pdfs[lang], []byte("%PDF-")) {
				return fmt.Errorf("there are no pages to freeze in %q", lang)
			}
		}
		after := before
		after.Year, after.ClosedAt, after.ClosedOn, after.ClosedBy = year, a.by.At, on, a.by.Person
		after.Hash = models.DocumentHash(document)
		name := strconv.Itoa(year)
		if before.ID == 0 {
			after.ID, err = insert(a, &reviewRow{}, after, name)
		} else {
			err = change(a, &reviewRow{}, before, after, name)
		}
		if err != nil {
			return err
		}
		frozen := []reviewDocumentRow{{Form: formJSON, Content: document}}
		for _, lang := range []models.Lang{models.French, models.English} {
			frozen = append(frozen, reviewDocumentRow{Form: string(lang), Content: pdfs[lang]})
		}
		for i := range frozen {
			d := &frozen[i]
			d.OrganisationID, d.ReviewID, d.Hash = a.org.OrganisationID, after.ID, models.DocumentHash(d.Content)
		}
		return a.tx.Create(&frozen).Error
	})
}

// openReview is the review of a year as it stands, blank when there is none yet, if it may be written in on a day.
func (a *act) openReview(year int, version int64, day cal.Date) (models.Review, error) {
	var rows []reviewRow
	if err := a.mine().Where("year = ?", year).Limit(1).Find(&rows).Error; err != nil {
		return models.Review{}, err
	}
	v := models.Review{}
	if len(rows) > 0 {
		v = rows[0].model()
	}
	if v.Closed() {
		return v, models.Refused{Rule: "review.closed", Args: []any{"day", v.ClosedOn}}
	}
	if err := a.expect("review", v.ID, v.Version, version); err != nil {
		return v, err
	}
	if start := a.org.model(nil).YearStart.Year(year).Start; start.After(day) {
		return v, models.Refused{Rule: "review.not_begun", Args: []any{"day", start}}
	}
	return v, nil
}

// ReviewDocument is the document frozen when the review of a fiscal year was closed, as it is in the file: whether it is
// still the one that was frozen, Review.Matches tells. models.ErrNotFound while it is open.
func (s *Store) ReviewDocument(ctx context.Context, org models.ID, year int) ([]byte, error) {
	content, _, err := s.frozen(ctx, org, year, formJSON)
	return content, err
}

// ReviewPDF is the pages frozen with it; ErrAltered when they are no more those.
func (s *Store) ReviewPDF(ctx context.Context, org models.ID, year int, lang models.Lang) ([]byte, error) {
	if !slices.Contains([]models.Lang{models.French, models.English}, lang) {
		return nil, models.ErrNotFound
	}
	content, hash, err := s.frozen(ctx, org, year, string(lang))
	if err != nil {
		return nil, err
	}
	if models.DocumentHash(content) != hash {
		return nil, ErrAltered
	}
	return content, nil
}

func (s *Store) frozen(ctx context.Context, org models.ID, year int, form string) (content []byte, hash string, err error) {
	row, err := s.texts.row(ctx, `SELECT d.content, d.hash FROM reviews v
		JOIN review_documents d ON d.organisation_id = v.organisation_id AND d.review_id = v.id
		WHERE v.organisation_id = ? AND v.year = ? AND d.form = ?`, int64(org), year, form)
	if err != nil {
		return nil, "", err
	}
	if err := row.Scan(&content, &hash); err != nil {
		return nil, "", absent("read the closed review", err)
	}
	return content, hash, nil
}
