package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"enveloppe/models"
	"enveloppe/models/store"
)

// waitingKey sends a file and names it as the imports do.
func (s *site) waitingKey() (importKey, string) {
	s.t.Helper()
	at := s.sent("releve.csv", s.statement(), "account", typedID(s.account().ID))
	var id models.ID
	if _, err := fmt.Sscanf(at, "/statements/%d", &id); err != nil {
		s.t.Fatal(err)
	}
	return importKey{s.org, id}, at
}

func TestALongImportShowsHowFarItIs(t *testing.T) {
	s := newSite(t).as(models.Director)
	key, at := s.waitingKey()
	shown, release := make(chan struct{}), make(chan struct{})
	job, err := s.web.imports.begin(context.Background(), key, s.account().ID, func(ctx context.Context, i *importing) (store.Imported, error) {
		i.read.Store(3)
		i.whole.Store(8)
		close(shown)
		<-release
		return s.store.ImportStatement(ctx, s.actor(), key.file, nil)
	})
	if err != nil {
		t.Fatal(err)
	}
	<-shown
	a := s.get(at+"/import").wants(t, http.StatusOK, "Import en cours", `value="3" max="8"`)
	if a.header.Get("Refresh") != "1" {
		t.Errorf("a browser is told to look again after %q", a.header.Get("Refresh"))
	}
	s.get("/statements").wants(t, http.StatusOK, "Suivre l’import")
	s.submit(at+"/removal").wants(t, http.StatusConflict, "en cours d’import")
	// The button pressed again waits for the same import.
	s.submit(at+"/import", "layout", s.shownLayout(at)).follows(t, at+"/import")
	if again, _ := s.web.imports.of(key); again != job {
		t.Error("a second import has begun")
	}
	close(release)
	<-job.over
	a = s.get(at + "/import")
	a.follows(t, "/statements/matching")
	if a.header.Get("Refresh") != "" {
		t.Error("what is over is looked at again")
	}
}

// A stopped program leaves the file waiting, and nothing of it imported.
func TestAStoppedImportLeavesTheFile(t *testing.T) {
	s := newSite(t).as(models.Director)
	key, at := s.waitingKey()
	begun := make(chan struct{})
	_, err := s.web.imports.begin(context.Background(), key, s.account().ID, func(ctx context.Context, _ *importing) (store.Imported, error) {
		close(begun)
		<-ctx.Done()
		return s.store.ImportStatement(ctx, s.actor(), key.file, nil)
	})
	if err != nil {
		t.Fatal(err)
	}
	<-begun
	if err := s.web.Close(); err != nil {
		t.Fatal(err)
	}
	s.get(at+"/import").wants(t, http.StatusOK, "L’import n’a pas abouti", "Le programme s’est arrêté", at)
	s.get(at).wants(t, http.StatusOK, "Importer les")
	if n := len(s.lines()); n != 0 {
		t.Errorf("%d lines", n)
	}
	s.submit(at+"/import", "layout", s.shownLayout(at)).wants(t, http.StatusServiceUnavailable)
	// Another start knows nothing of it: the file is simply there.
	s.web.imports = imports{}
	s.get(at+"/import").follows(t, at)
}

func TestABrokenImportSaysSo(t *testing.T) {
	s := newSite(t).as(models.Director)
	for _, x := range []struct {
		name string
		run  func() (store.Imported, error)
		says string
	}{
		{"a problem", func() (store.Imported, error) {
			return store.Imported{}, models.Invalid{{Field: "file", Rule: "statement.truncated"}}
		}, "Le fichier s’arrête au milieu"},
		{"a refusal", func() (store.Imported, error) { return store.Imported{}, models.Refused{Rule: "statement.importing"} }, "en cours d’import"},
		{"a fault", func() (store.Imported, error) { return store.Imported{}, errors.New("disk gone: secret") }, "Réessayez"},
		{"a panic", func() (store.Imported, error) { panic("secret") }, "Réessayez"},
	} {
		key, at := s.waitingKey()
		job, err := s.web.imports.begin(context.Background(), key, s.account().ID, func(context.Context, *importing) (store.Imported, error) { return x.run() })
		if err != nil {
			t.Fatal(err)
		}
		<-job.over
		a := s.get(at+"/import").wants(t, http.StatusOK, "n’a pas abouti", "le fichier attend", x.says)
		if strings.Contains(a.body, "secret") {
			t.Errorf("%s shows what only the log is for", x.name)
		}
		s.submit(at + "/removal")
	}
}

func TestOnlySoManyImportsAreRemembered(t *testing.T) {
	var m imports
	for i := range importsKept + 20 {
		job, err := m.begin(context.Background(), importKey{1, models.ID(i + 1)}, 1, func(context.Context, *importing) (store.Imported, error) { return store.Imported{}, nil })
		if err != nil {
			t.Fatal(err)
		}
		<-job.over
	}
	if len(m.known) != importsKept || len(m.order) != importsKept {
		t.Errorf("%d remembered, %d in order", len(m.known), len(m.order))
	}
	m.end()
}
