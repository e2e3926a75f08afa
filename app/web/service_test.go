package web

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/money"
	"enveloppe/models/store"
)

func TestEveryServiceHasAPage(t *testing.T) {
	for _, role := range []models.Role{models.Director, models.Staff} {
		s := newSite(t).as(role)
		bothLanguages(t, s, func(t *testing.T, _ string) {
			for _, sv := range s.register().Services {
				page := s.get(servicePath(sv.ID)).wants(t, http.StatusOK)
				if !strings.Contains(page.body, ">"+sv.Name) {
					t.Errorf("the page of %s does not name it", sv.Name)
				}
				if role == models.Staff && (strings.Contains(page.body, "/edit\"") || strings.Contains(page.body, `<form method="post" action="/services`)) {
					t.Errorf("staff is offered to change %s", sv.Name)
				}
			}
		})
	}
}

func TestServicePageTellsAll(t *testing.T) {
	s := newSite(t).as(models.Director)
	dropbox := s.get(servicePath(s.service("Dropbox").ID)).plain().wants(t, http.StatusOK,
		"Dropbox se renouvelle le 18 décembre, à <strong>101,34 €</strong>",
		"À décider au plus tard le mardi 15 décembre 2026, dans 22 jours.",
		"notre formule depuis le", "0 €</b> <small>sans limite de durée</small>", "Prévision 2026 : −101,34 €",
		"99,00 $US →", "<b>110,00 $US</b>", "garder", "Indispensable en déplacement",
		"Carte de l’association ··42", "Compte proposé ; votre expert-comptable décide.", "rel=\"noreferrer\"", `class="chart"`, "110 $US",
		"Claire Morel, Hugo Lemaire, Inès Faure, Karim Benali et Lucie Perrin",
	)
	sub := subscriptionPath(s.current("Dropbox").ID)
	for _, link := range []string{sub + "/edit", sub + "/terms/new", sub + "/cancellation", sub + "/switch?plan=", sub + "/seats", "/payments/new?service="} {
		if !strings.Contains(dropbox.body, link) {
			t.Errorf("no way to %s", link)
		}
	}
	s.get(servicePath(s.service("Scoop.it").ID)).plain().wants(t, http.StatusOK, "Passage de Plus à <b>Pro</b>", "le thème le moins lu n’est pas renouvelé", "Prévision 2026 : &#43;168,00 €", "dépasse le plafond de 99,59 €")
	s.get(servicePath(s.service("Doodle").ID)).plain().wants(t, http.StatusOK, "Doodle est offert jusqu’au 1er janvier, puis coûte <strong>83,88 CHF</strong>", "aucun cours connu : non converti")
	s.get(servicePath(s.service("Brevo").ID)).plain().wants(t, http.StatusOK, "216,00 €</b> <small>par an ; 18,00 € par mois", "Tous les paiements", "événement", "Dépense prévue, sans paiement", "mois offert après une panne")
	s.get(servicePath(s.service("MindMeister").ID)).plain().wants(t, http.StatusOK, "par an pour 2 sièges ; 29,40 € par siège", "1 occupé sur 2", "contre-écriture", `class="reversed"`)
	s.get(servicePath(s.service("Flickr").ID)).wants(t, http.StatusOK, "facture manquante", "n’est plus là depuis le")
	s.get(servicePath(s.service("Gmail").ID)).wants(t, http.StatusOK, "Gmail sert en version gratuite")
}

func TestServicePageInEveryState(t *testing.T) {
	s := newSite(t).as(models.Director)
	ctx := t.Context()
	zoom := s.current("Zoom")
	if err := s.store.Cancel(ctx, s.actor(), zoom.ID, zoom.Version, testDay, cal.Date{}, "Jitsi suffit"); err != nil {
		t.Fatal(err)
	}
	s.get(servicePath(zoom.ServiceID)).plain().wants(t, http.StatusOK, "Zoom s’arrête le 12 juin", "Résilié pour le <b>12 juin 2027</b>", "Jitsi suffit", "/cancellation/undo")

	add := func(name string, p models.Plan, begin, anchor, end cal.Date) models.Service {
		t.Helper()
		sub := p.Begin(begin, anchor, 1)
		if _, err := s.store.AddServiceWithPlan(ctx, s.actor(), store.ServiceEntry{
			Service: models.Service{Name: name, FunctionID: s.facts.Functions[0].ID}, Plan: p, Subscription: &sub,
		}); err != nil {
			t.Fatal(err)
		}
		if !end.IsZero() {
			got, _ := s.register().Current(s.service(name).ID)
			if err := s.store.Cancel(ctx, s.actor(), got.ID, got.Version, end, end, ""); err != nil {
				t.Fatal(err)
			}
		}
		return s.service(name)
	}
	yearly := models.Plan{Name: "Pro", Tier: models.Premium, Price: money.Euros(6000), Cadence: cal.Yearly}
	later := add("Later", yearly, testDay.AddDays(10), testDay.AddDays(10), cal.Date{})
	s.get(servicePath(later.ID)).plain().wants(t, http.StatusOK, "Later commence le 3 décembre", "à venir")
	over := add("Over", yearly, testDay.AddDays(-400), testDay.AddDays(-400), testDay.AddDays(-35))
	s.get(servicePath(over.ID)).plain().wants(t, http.StatusOK, "Over s’est arrêté le 19 octobre 2026", "Prendre cette formule")
	if got := s.get("/services?state=ended").listed(); !slices.Equal(got, []string{"Over"}) {
		t.Errorf("ended: %q", got)
	}
	once := yearly
	once.Cadence = cal.OneOff
	bought := add("Bought", once, testDay.AddDays(-30), testDay.AddDays(-30), cal.Date{})
	s.get(servicePath(bought.ID)).plain().wants(t, http.StatusOK, "Bought n’a plus rien à payer", "une seule fois")
	s.get("/services?q=bought").wants(t, http.StatusOK, "payé une fois")
}

// A plan is text of others: it must come out as text.
func TestServicePageEscapes(t *testing.T) {
	s := newSite(t).as(models.Director)
	sv := s.service("Dropbox")
	if _, err := s.store.AddPlan(t.Context(), s.actor(), models.Plan{
		ServiceID: sv.ID, Name: "<script>alert(1)</script>", Tier: models.Premium, Price: money.Euros(100), Cadence: cal.Yearly,
		Limits: "<img src=x>", SeenAt: "https://x.example/\"onclick=1", SeenOn: testDay,
	}); err != nil {
		t.Fatal(err)
	}
	page := s.get(servicePath(sv.ID)).wants(t, http.StatusOK, "&lt;script&gt;")
	if strings.Contains(page.body, "<script>alert") || strings.Contains(page.body, "<img src=x") || strings.Contains(page.body, `"onclick`) {
		t.Error("text came out as markup")
	}
}

func TestLimitsBecomeALine(t *testing.T) {
	for text, want := range map[string][]string{
		"":                          nil,
		"50 Go":                     {"50 Go"},
		"2 Go, trois appareils":     {"2 Go", "trois appareils"},
		"a, b; c":                   {"a, b", "c"},
		"1 000 €, tout\n\nle reste": {"1 000 €, tout", "le reste"},
	} {
		if got := sentencesOf(text); !slices.Equal(got, want) {
			t.Errorf("%q gives %q, want %q", text, got, want)
		}
	}
}

func TestADataExportNotedWrongIsTakenBack(t *testing.T) {
	s := newSite(t).as(models.Director)
	sv := s.service("Scoop.it")
	path := servicePath(sv.ID) + "/export"
	s.submit(path, "exported_on", testDay.AddDays(1).String()).wants(t, http.StatusUnprocessableEntity, "exported_on")
	s.submit(path, "exported_on", testDay.String()).follows(t, servicePath(sv.ID))
	if got := s.service("Scoop.it").ExportedOn; got != testDay {
		t.Fatalf("noted for %s", got)
	}
	undo := path + "/undo?exported_on=" + sv.ExportedOn.String()
	s.get(servicePath(sv.ID)).wants(t, http.StatusOK, undo)
	s.submit(undo).follows(t, servicePath(sv.ID))
	if got := s.service("Scoop.it").ExportedOn; got != sv.ExportedOn {
		t.Errorf("taken back, it is %s, was %s", got, sv.ExportedOn)
	}
}
