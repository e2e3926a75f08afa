package web

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"enveloppe/models"
	"enveloppe/models/sample"
)

var update = flag.Bool("update", false, "write the golden files anew")

// readers are whom the table of rights asks for, in its columns: every role, staff that read no amounts, and a stranger.
var readers = []string{"director", "editor", "accountant", "staff", "no amounts", "stranger"}

// offset is how far the IDs of the other organisation are from ours: none of hers is one of ours.
const offset = 1_000_000

// shifted moves every ID of the facts, so that two plantings of one sample share none.
func shifted(f models.Facts) models.Facts {
	var walk func(v reflect.Value)
	walk = func(v reflect.Value) {
		switch {
		case v.Type() == reflect.TypeFor[models.ID]():
			if v.CanSet() && v.Int() != 0 {
				v.SetInt(v.Int() + offset)
			}
		case v.Kind() == reflect.Struct:
			for i := range v.NumField() {
				if v.Type().Field(i).IsExported() {
					walk(v.Field(i))
				}
			}
		case v.Kind() == reflect.Slice:
			for i := range v.Len() {
				walk(v.Index(i))
			}
		}
	}
	walk(reflect.ValueOf(&f).Elem())
	return f
}

// withNeighbours is a site with a second organisation as rich as the first.
func withNeighbours(t *testing.T) *site {
	t.Helper()
	file, err := neighboursFile()
	if err != nil {
		t.Fatal(err)
	}
	return newSiteOn(t, sample.Association(testDay, models.French, testNow), file)
}

var neighboursFile = sync.OnceValues(func() ([]byte, error) {
	f := shifted(sample.Association(testDay, models.French, testNow))
	f.Organisation.ID, f.Organisation.Name = 0, "Les Voisins"
	for i := range f.People {
		if f.People[i].Email != "" {
			f.People[i].Email = "voisin-" + f.People[i].Email
		}
	}
	return plantedFile(sample.Association(testDay, models.French, testNow), f)
})

// asReader opens the site for one of the readers.
func (s *site) asReader(reader string) *site {
	s.t.Helper()
	switch reader {
	case "stranger":
		return s
	case "no amounts":
		o := s.register().Organisation
		o.StaffWithoutAmounts = true
		by := models.Actor{Organisation: s.org, Person: s.facts.People[0].ID, Role: models.Director, At: testNow}
		if err := s.store.SaveOrganisation(context.Background(), by, o); err != nil {
			s.t.Fatal(err)
		}
		return s.as(models.Staff)
	}
	return s.as(models.Role(reader))
}

// ownIDs are records of the sample by the place of the address that names them. Those that the sample has none of, such
// as a session, are asked for as missing only.
func (s *site) ownIDs() map[string]models.ID {
	f := s.facts
	current, _ := s.register().CurrentOn(s.service("Dropbox").ID, testDay)
	return map[string]models.ID{
		"/attachments/:id": f.Attachments[0].ID, "/bank-accounts/:id": f.BankAccounts[0].ID, "/comparisons/:id": f.Comparisons[0].ID,
		"/decisions/:id": f.Decisions[0].ID, "/payments/:id": s.unfiled().ID, "/people/:id": f.People[1].ID,
		"/plans/:id": f.Plans[0].ID, "/proofs/:id": f.Proofs[0].ID, "/proposals/:id": f.Proposals[1].ID, "/scenarios/:id": f.Scenarios[0].ID,
		"/services/:id": current.ServiceID, "/subscriptions/:id": current.ID, "/settings/functions/:id": f.Functions[0].ID,
		"/settings/means/:id": f.Means[0].ID, "/settings/vendors/:id": f.Vendors[0].ID, "/settings/rates/:id": f.Rates[0].ID,
		"/waivers/:id": f.Waivers[0].ID, "/settings/channels/:id": f.Channels[0].ID, "/digest/recipients/:person": f.People[1].ID,
	}
}

// addressOf fills an ID into a route; false when the sample has no such record. What else a route names is of our own.
func (s *site) addressOf(own map[string]models.ID, path string, id func(models.ID) models.ID) (string, bool) {
	filled := path
	for place, known := range own {
		if strings.HasPrefix(path+"/", place+"/") {
			head, _, _ := strings.Cut(place, ":")
			filled = head + typedID(id(known)) + strings.TrimPrefix(path, place)
		}
	}
	if filled == path && !strings.Contains(path, ":year") && !strings.Contains(path, ":kind") {
		return "", false
	}
	sub, _ := s.register().Subscription(own["/subscriptions/:id"])
	seat := models.ID(1)
	if len(sub.Seats) > 0 {
		seat = sub.Seats[0].ID
	}
	return strings.NewReplacer(":year", "2026", ":kind", "journal", ":at", "1", ":terms", typedID(sub.Terms[0].ID), ":seat", typedID(seat)).Replace(filled), true
}

// said is what an answer shows of itself: the status, and the page a stranger is sent to.
func said(a answer) string {
	if to := a.header.Get("Location"); a.status == http.StatusSeeOther && strings.HasPrefix(to, "/sign-in") {
		return "door"
	}
	return fmt.Sprint(a.status)
}

// rights asks every route of the router for one reader: for a record of ours, for one of another organisation, and for
// one that is nowhere. An act that is done is undone by beginning again, so that no row depends on those before.
func rights(t *testing.T, reader string) map[string]string {
	t.Helper()
	fresh := func() (*site, map[string]models.ID) {
		s := withNeighbours(t)
		return s.asReader(reader), s.ownIDs()
	}
	s, own := fresh()
	routes := map[string][2]string{}
	eachRoute(t, s, func(_ *testing.T, route, method, path string) { routes[route] = [2]string{method, path} })
	table := map[string]string{}
	for _, route := range slices.Sorted(maps.Keys(routes)) {
		method, path := routes[route][0], routes[route][1]
		acted := false
		ask := func(address string) answer {
			a := s.ask(method, address)
			acted = acted || (method == http.MethodPost && a.status < http.StatusBadRequest)
			return a
		}
		if !strings.Contains(path, ":") {
			table[route] = said(ask(path))
		} else {
			ours, has := s.addressOf(own, path, func(id models.ID) models.ID { return id })
			theirs, _ := s.addressOf(own, path, func(id models.ID) models.ID { return id + offset })
			nowhere, named := s.addressOf(own, path, func(models.ID) models.ID { return 98_765_432 })
			if !named {
				nowhere = parameter.ReplaceAllString(path, "98765432")
			}
			missing := ask(nowhere)
			cells := []string{"-", "-", said(missing)}
			if has && theirs != ours {
				other := ask(theirs)
				cells[1] = said(other)
				if a, b := plainOf(other, theirs), plainOf(missing, nowhere); a != b {
					t.Errorf("%s tells %s another organisation's record from a missing one:\n%.400s\n%.400s", route, reader, a, b)
				}
			}
			if has {
				cells[0] = said(ask(ours))
			}
			table[route] = strings.Join(cells, "/")
		}
		// What an act changed, or ended, must not colour the rows after it.
		if acted && reader != "stranger" {
			s, own = fresh()
		}
	}
	return table
}

// plainOf is an answer without what differs from one request to the next: its number, and the address itself.
func plainOf(a answer, path string) string {
	body := strings.ReplaceAll(a.body, a.header.Get("X-Request-Id"), "")
	return fmt.Sprint(a.status) + strings.ReplaceAll(body, path, "")
}

// The table of rights: every route of the router for every reader, by whose record it is asked for. A new route fails
// until it has a row; a row that changes is a decision, to be read before it is written with -update.
func TestRights(t *testing.T) {
	tables := make([]map[string]string, len(readers))
	t.Run("asked", func(t *testing.T) {
		for i, reader := range readers {
			t.Run(reader, func(t *testing.T) {
				t.Parallel()
				tables[i] = rights(t, reader)
			})
		}
	})
	var out bytes.Buffer
	fmt.Fprintf(&out, "Every route for every reader. Ours/another organisation's/missing where it names a record; - where the sample has none.\ndoor: sent to sign in.\n\n%-56s", "")
	for _, reader := range readers {
		fmt.Fprintf(&out, " %-12s", reader)
	}
	out.WriteString("\n")
	routes := make([]string, 0, len(tables[0]))
	for route := range tables[0] {
		routes = append(routes, route)
	}
	slices.SortFunc(routes, func(a, b string) int {
		_, x, _ := strings.Cut(a, " ")
		_, y, _ := strings.Cut(b, " ")
		return strings.Compare(x+" "+a, y+" "+b)
	})
	for _, route := range routes {
		fmt.Fprintf(&out, "%-56s", route)
		for i := range readers {
			fmt.Fprintf(&out, " %-12s", tables[i][route])
		}
		out.WriteString("\n")
	}
	got := trailing.ReplaceAll(out.Bytes(), []byte("\n"))
	golden := filepath.Join("testdata", "rights.txt")
	if *update {
		if err := os.WriteFile(golden, got, 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("the table of rights has changed (read each line, then -update):\n%s", lineDiff(string(want), string(got)))
	}
}

var trailing = regexp.MustCompile(` +\n`)

// lineDiff are the lines that only one of two texts has.
func lineDiff(want, got string) string {
	var b strings.Builder
	mine, hers := strings.Split(want, "\n"), strings.Split(got, "\n")
	for _, line := range mine {
		if !slices.Contains(hers, line) {
			b.WriteString("- " + line + "\n")
		}
	}
	for _, line := range hers {
		if !slices.Contains(mine, line) {
			b.WriteString("+ " + line + "\n")
		}
	}
	return b.String()
}
