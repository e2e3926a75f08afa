package web

import (
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/money"
	"enveloppe/models/password"
	"enveloppe/models/store"
	"enveloppe/templates/words"
)

// SetupCodeKey names where the hash of the first run's code is kept.
const SetupCodeKey = "setup_code"

// HashSetupCode is what is kept of the code that the terminal shows at the first run: who sees the terminal may found
// the organisation, who only reaches the port may not.
func HashSetupCode(code string) string { return hashed("setup " + code) }

func (w *Web) setupRoutes(g *echo.Group) {
	g.GET("/setup", w.setupPage)
	g.POST("/setup", w.setup)
	g.POST("/setup/sample", w.setupSample)
}

type setupPage struct {
	Form   Form
	Months []Option
	Sample bool
}

func (w *Web) setupPage(c echo.Context) error {
	if err := w.onlyFirstRun(c); err != nil {
		return err
	}
	return w.showSetup(c, http.StatusOK, Form{Fields: Fields{"year_month": "1", "headcount": "", "digest": "on", "code": c.QueryParam("code")}})
}

// onlyFirstRun answers not found once an organisation is there.
func (w *Web) onlyFirstRun(c echo.Context) error {
	first, err := w.store.FirstRun(c.Request().Context())
	if err == nil && !first {
		err = models.ErrNotFound
	}
	return err
}

func (w *Web) showSetup(c echo.Context, status int, f Form) error {
	return w.render(c, screen{
		status: status, name: "setup", title: "setup.title",
		page: setupPage{Form: f, Months: monthOptions(visitOf(c).words), Sample: w.Sample != nil},
	})
}

func monthOptions(w *words.Words) []Option {
	var out []Option
	for m := time.January; m <= time.December; m++ {
		out = append(out, Option{strconv.Itoa(int(m)), w.T("settings.first_of", "month", w.MonthName(m))})
	}
	return out
}

func (w *Web) setup(c echo.Context) error {
	w.founding.Lock()
	defer w.founding.Unlock()
	if err := w.onlyFirstRun(c); err != nil {
		return err
	}
	ctx, now := c.Request().Context(), w.Now()
	e := entry{Fields: fields(c, "code", "name", "headcount", "year_month", "floor", "ceiling", "person", "email", "digest")}
	founding, err := w.readFounding(c, &e, now)
	if err == nil {
		err = w.checkCode(c, &e)
	}
	if err != nil {
		return w.retry(c, err, e.Fields, func(status int, f Form) error { return w.showSetup(c, status, f) })
	}
	actor, err := w.store.Found(ctx, founding)
	if err != nil {
		return w.retry(c, err, e.Fields, func(status int, f Form) error { return w.showSetup(c, status, f) })
	}
	if err := w.open(c, actor.Account, actor.Organisation, actor.Person); err != nil {
		return err
	}
	return w.done(c, "/", Notice{Key: "founded", Args: []string{"name", founding.Organisation.Name}})
}

// readFounding reads the whole form but the code, so that everything wrong is said at once.
func (w *Web) readFounding(c echo.Context, e *entry, now time.Time) (store.Founding, error) {
	v := visitOf(c)
	month := e.whole("year_month", 1)
	o := models.Organisation{
		Name: e.text("name"), YearStart: cal.YearStart{Month: time.Month(month), Day: 1}, Zone: models.DefaultZone, Lang: v.lang,
		Headcount: e.whole("headcount", 0), MarginDays: models.DefaultMarginDays,
		DecideWindow: models.DefaultDecideWindow, RenewalWindow: models.DefaultRenewalWindow,
	}
	director := models.Person{Name: e.text("person"), Email: e.text("email"), Role: models.Director, Lang: v.lang, Digest: e.tick("digest"), Reminders: true, SignsIn: true}
	floor := e.amount("floor", money.EUR)
	if floor.IsNone() {
		floor = money.Zero(money.EUR)
	}
	year := o.YearStart.YearOf(o.Today(now))
	o.KeptFrom = year.Span().From
	envelope := models.Envelope{Year: year.Number(), Floor: floor, Ceiling: e.amount("ceiling", money.EUR)}
	plain := c.FormValue("password")
	if fault := password.Fault(plain, director.Name, director.Email, o.Name); fault != "" {
		e.bad.Add("password", fault)
	}
	if director.Email == "" {
		e.bad.Add("email", "required")
	}
	e.merge(o.Check(), nil)
	e.merge(director.Check(), map[string]string{"name": "person"})
	e.merge(envelope.Check(), nil)
	if err := e.bad.Err(); err != nil {
		return store.Founding{}, err
	}
	hash, err := password.Hash(plain)
	if err != nil {
		return store.Founding{}, err
	}
	return store.Founding{
		Organisation: o, Director: director, PasswordHash: hash, Envelope: &envelope,
		Functions: startingFunctions(v.words), At: now,
	}, nil
}

// merge adds what the domain found wrong, under the form's name of the field where it differs.
func (e *entry) merge(bad models.Invalid, names map[string]string) {
	for _, p := range bad {
		if name, ok := names[p.Field]; ok {
			p.Field = name
		}
		if !e.bad.Has(p.Field) { // what the parser said is nearer to what was typed
			e.bad = append(e.bad, p)
		}
	}
}

// checkCode compares the code typed with the one the terminal showed, a few times at most.
func (w *Web) checkCode(c echo.Context, e *entry) error {
	ctx := c.Request().Context()
	allowed, _, err := w.store.CountAttempt(ctx, hashed("setup"), w.Now(), knockWindow, knocksAddress)
	if err != nil {
		return err
	}
	hash, err := w.store.Meta(ctx, SetupCodeKey)
	if err != nil {
		return err
	}
	if !allowed || hash == "" || !sameCode(e.text("code"), hash) {
		e.bad.Add("code", "setup.code")
	}
	return e.bad.Err()
}

func (w *Web) setupSample(c echo.Context) error {
	w.founding.Lock()
	defer w.founding.Unlock()
	if err := w.onlyFirstRun(c); err != nil {
		return err
	}
	if w.Sample == nil {
		return models.ErrNotFound
	}
	e := entry{Fields: fields(c, "code")}
	if err := w.checkCode(c, &e); err != nil {
		var bad models.Invalid
		if errors.As(err, &bad) {
			e.Fields["year_month"] = "1"
		}
		return w.retry(c, err, e.Fields, func(status int, f Form) error { return w.showSetup(c, status, f) })
	}
	actor, err := w.Sample(c.Request().Context(), visitOf(c).lang)
	if err != nil {
		return err
	}
	if err := w.open(c, actor.Account, actor.Organisation, actor.Person); err != nil {
		return err
	}
	return w.done(c, "/", Notice{Key: "sample_planted"})
}

// startingFunctions are what services are usually for, with the account each usually goes to. The organisation edits
// the list; its accountant decides on the accounts.
func startingFunctions(w *words.Words) []models.Function {
	var out []models.Function
	for i, f := range []struct{ key, account string }{
		{"data_access", models.DefaultAccount},
		{"messaging", "626"},
		{"planning", models.DefaultAccount},
		{"collaboration", models.DefaultAccount},
		{"videoconference", "626"},
		{"monitoring", models.DefaultAccount},
		{"mind_mapping", models.DefaultAccount},
		{"website", "626"},
		{"other", models.DefaultAccount},
	} {
		out = append(out, models.Function{Name: w.Kind("function", f.key), Account: f.account, Position: i + 1})
	}
	return out
}
