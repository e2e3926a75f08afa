package store

import (
	"context"

	"enveloppe/models"
)

type proofRow struct {
	Rec        record `gorm:"embedded"`
	DecisionID models.ID
	File       file `gorm:"embedded"`
}

func (*proofRow) TableName() string { return "proofs" }
func (*proofRow) kind() string      { return "proof" }
func (r *proofRow) rec() *record    { return &r.Rec }

func (r *proofRow) model() models.Proof {
	return models.Proof{ID: r.Rec.ID, Version: r.Rec.Version, DecisionID: r.DecisionID, File: r.File.file()}
}

func (r *proofRow) fill(m models.Proof) {
	r.Rec.ID, r.DecisionID, r.File = m.ID, m.DecisionID, fileOf(m.File)
}

// AddProof files what proves a decision, all of it or none. What a file is, is told by its bytes ("file.empty",
// "file.too_large", "file.kind"), its name is cleaned. A content a second time answers the proof there is; the ID is that
// of the last file.
func (s *Store) AddProof(ctx context.Context, by models.Actor, decision models.ID, files ...NamedFile) (models.ID, error) {
	return s.add(ctx, by, "proof.add", mayEdit, func(a *act) (id models.ID, err error) {
		if _, err := fetch(a, &decisionRow{}, decision); err != nil {
			return 0, err
		}
		for _, f := range files {
			if id, err = a.addProof(decision, f); err != nil {
				return 0, err
			}
		}
		return id, nil
	})
}

func (a *act) addProof(decision models.ID, named NamedFile) (models.ID, error) {
	f, d, err := a.document(named)
	if err != nil {
		return 0, err
	}
	same, err := a.proofs("decision_id = ? AND hash = ?", decision, f.Hash)
	if err != nil {
		return 0, err
	}
	if len(same) > 0 {
		return same[0].ID, nil
	}
	m := models.Proof{DecisionID: decision, File: f}
	if err := m.Check().Err(); err != nil {
		return 0, err
	}
	if err := d.keep(a); err != nil {
		return 0, err
	}
	return insert(a, &proofRow{}, m, m.Name)
}

// RemoveProof takes a file away from its decision, and its content with the last file of it.
func (s *Store) RemoveProof(ctx context.Context, by models.Actor, id models.ID) error {
	return s.write(ctx, by, "proof.remove", mayEdit, func(a *act) error {
		m, err := fetch(a, &proofRow{}, id)
		if err != nil {
			return err
		}
		return a.removeProof(m)
	})
}

func (a *act) removeProof(m models.Proof) error {
	if err := remove(a, &proofRow{}, m, m.Name); err != nil {
		return err
	}
	return a.discard(m.Hash)
}

// discard takes a content away that no file is of any more.
func (a *act) discard(hash string) error {
	for _, table := range []string{"attachments", "proofs"} {
		if n, err := a.count(table, "hash = ?", hash); err != nil || n > 0 {
			return err
		}
	}
	return a.tx.Delete(&documentRow{OrganisationID: a.org.OrganisationID, Hash: hash}).Error
}

// proofs are the organisation's under a condition, in order.
func (a *act) proofs(where string, args ...any) ([]models.Proof, error) {
	var rows []proofRow
	if err := a.mine().Where(where, args...).Order("id").Find(&rows).Error; err != nil {
		return nil, err
	}
	list := make([]models.Proof, len(rows))
	for i := range rows {
		list[i] = rows[i].model()
	}
	return list, nil
}

// ProofContent is a proof with its bytes.
func (s *Store) ProofContent(ctx context.Context, org, id models.ID) (models.Proof, []byte, error) {
	var r proofRow
	var content []byte
	row, err := s.texts.row(ctx, proofContentQuery, int64(org), int64(id))
	if err != nil {
		return models.Proof{}, nil, err
	}
	if err := row.Scan(append(proofShape.into(&r), &content)...); err != nil {
		return models.Proof{}, nil, absent("read the proof", err)
	}
	return r.model(), content, nil
}

var (
	proofShape        = shapeOf[proofRow]()
	proofContentQuery = "SELECT " + proofShape.list + `, d.content FROM proofs t
		JOIN documents d ON d.organisation_id = t.organisation_id AND d.hash = t.hash
		WHERE t.organisation_id = ? AND t.id = ?`
)
