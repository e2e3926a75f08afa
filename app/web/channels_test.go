package web

import (
	"context"
	"errors"
	"html"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"enveloppe/models"
	"enveloppe/models/sample"
	"enveloppe/models/store"
)

// testChannels stands for other machines: what is said to them is of app/notify's tests.
type testChannels struct {
	refused string // answered to Check
	answer  Tried
	sent    []models.Channel
	said    []string
}

func (d *testChannels) Check(models.Secret) string { return d.refused }

func (d *testChannels) Try(_ context.Context, ch models.Channel, title, body string) Tried {
	d.sent = append(d.sent, ch)
	d.said = append(d.said, title+"\n"+body)
	return d.answer
}

const (
	slackAddress = "https://hooks.slack.com/services/T00000000/B00000000/secretsecretsecretQz7x"
	webhookKey   = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
)

// newChannelSite is a site without a channel.
func newChannelSite(t *testing.T) *site {
	t.Helper()
	f := sample.Association(testDay, models.French, testNow)
	f.Channels = nil
	return newSiteWith(t, f)
}

// addSlack adds a channel by its form and answers it.
func (s *site) addSlack(t *testing.T, name string) models.Channel {
	t.Helper()
	a := s.submit("/settings/channels", "kind", "slack", "name", name, "secret_address", slackAddress, "lang", "fr", "amounts", "on",
		"gets.decide_by", "on", "leads.decide_by", "30 et 3", "gets.charge_due", "on", "digest", "on")
	a.wants(t, http.StatusSeeOther)
	list := s.register().Channels
	if len(list) == 0 {
		t.Fatal("no channel was added")
	}
	return list[len(list)-1]
}

func TestAChannelIsAddedAndItsSecretNeverComesBack(t *testing.T) {
	s := newChannelSite(t).as(models.Director)
	s.get("/settings/channels").wants(t, http.StatusOK, "Les messages partent par courriel", "Slack", "/settings/channels/new?kind=gotify")
	s.get("/settings/channels/new?kind=slack").wants(t, http.StatusOK, "Adresse du webhook entrant", "secret_address")
	ch := s.addSlack(t, "Salon de l’équipe")
	if ch.Host != "hooks.slack.com" || ch.AddressEnd != "Qz7x" || ch.Address != "" || ch.SecretEnd != "" || !ch.Amounts || !ch.Digest || ch.AddedBy != s.facts.People[0].ID {
		t.Errorf("the channel is kept as %+v", ch)
	}
	if got := ch.Leads.String(); got != "decide_by 30 3, trial_end none, envelope none, renewal none" {
		t.Errorf("lead times are %q", got)
	}
	open, err := s.store.OpenChannel(t.Context(), s.org, ch.ID)
	if err != nil || open.Address.Reveal() != slackAddress {
		t.Errorf("sent to %q, %v", open.Address.Reveal(), err)
	}
	path := channelPath(ch.ID)
	for _, page := range []string{"/settings/channels", path, path + "/edit", path + "/keys", "/audit"} {
		bothLanguages(t, s, func(t *testing.T, _ string) {
			a := s.get(page).wants(t, http.StatusOK, "Salon de l’équipe")
			for _, part := range []string{"services/T0", "secretsecret", slackAddress} {
				if strings.Contains(a.body, part) {
					t.Errorf("%s shows %q", page, part)
				}
			}
		})
	}
	s.submit("/language", "lang", "fr", "to", "/")
	s.get("/settings/channels").wants(t, http.StatusOK, "hooks.slack.com/…Qz7x", "à décider, dépenses à enregistrer et récapitulatif")
	s.get(path).plain().wants(t, http.StatusOK, "30 et 3 jours avant", "Posées", "23 novembre 2026", "Claire Morel")
	if audit := s.get("/audit?kind=channel").plain().wants(t, http.StatusOK, "canal ajouté", "hooks.slack.com"); strings.Contains(audit.body, "Qz7x") {
		t.Error("the log holds the end of the address")
	}
}

func TestWrongChannelsAreRefusedBesideTheField(t *testing.T) {
	s := newChannelSite(t).as(models.Director)
	s.addSlack(t, "Salon")
	good := map[string]string{"kind": "slack", "name": "Autre", "secret_address": slackAddress, "lang": "fr"}
	for _, c := range []struct {
		change []string
		want   string
	}{
		{[]string{"name", ""}, "Remplissez ce champ"},
		{[]string{"name", "salon"}, "Ce nom est déjà pris"},
		{[]string{"secret_address", ""}, "Remplissez ce champ"},
		{[]string{"secret_address", "hooks.slack.com/services/1"}, "Donnez l’adresse entière"},
		{[]string{"secret_address", "https://hooks.slack.com/"}, "Il manque la suite"},
		{[]string{"secret_address", "https://me:pass@hooks.slack.com/services/1"}, "n’a pas sa place"},
		{[]string{"secret_address", "javascript:alert(1)"}, "Donnez l’adresse entière"},
		{[]string{"lang", "de"}, "Choisissez dans la liste"},
		{[]string{"gets.decide_by", "on", "leads.decide_by", "trente"}, "nombre"},
		{[]string{"gets.decide_by", "on", "leads.decide_by", "400"}, "entre 0 et 365"},
		{[]string{"kind", "webhook", "secret_address", "https://example.org/", "secret", "whsec_short"}, "Une clé commence par whsec_"},
		{[]string{"kind", "webhook", "secret_address", "https://example.org/", "secret", ""}, "Remplissez ce champ"},
		{[]string{"kind", "gotify", "secret_address", "https://example.org/?token=1", "secret", "abc"}, "Donnez l’adresse du serveur seule"},
		{[]string{"kind", "gotify", "secret_address", "https://example.org", "secret", "à b"}, "Un jeton n’a ni espace"},
		{[]string{"kind", "ntfy", "secret_address", "https://ntfy.sh/"}, "Terminez l’adresse par le nom du sujet"},
		{[]string{"kind", "ntfy", "secret_address", "https://ntfy.sh/a b"}, "Donnez l’adresse entière"},
		{[]string{"kind", "telegram", "secret_address", "", "secret", "123456:AAAAAAAAAAAAAAAAAAAAAAAAA", "target", "me"}, "Donnez un numéro"},
		{[]string{"kind", "telegram", "secret_address", "", "secret", "token", "target", "12"}, "Le jeton d’un robot"},
	} {
		form := url.Values{}
		for k, v := range good {
			form.Set(k, v)
		}
		var pairs []string
		for i := 0; i < len(c.change); i += 2 {
			form.Set(c.change[i], c.change[i+1])
		}
		for k, v := range form {
			pairs = append(pairs, k, v[0])
		}
		a := s.submit("/settings/channels", pairs...).plain().wants(t, http.StatusUnprocessableEntity, c.want)
		if secret := form.Get("secret"); secret != "" && strings.Contains(a.body, `value="`+secret) {
			t.Errorf("%v: the secret comes back", c.change)
		}
	}
	if n := len(s.register().Channels); n != 1 {
		t.Errorf("%d channels", n)
	}
	s.channels.refused = "channel.internal"
	s.submit("/settings/channels", "kind", "slack", "name", "Autre", "secret_address", "https://10.0.0.1/x", "lang", "fr").
		wants(t, http.StatusUnprocessableEntity, "ENVELOPPE_OUTBOUND_HOSTS")
	s.submit("/settings/channels", "kind", "fax", "name", "Autre", "secret_address", slackAddress, "lang", "fr").wants(t, http.StatusNotFound)
	s.get("/settings/channels/new?kind=fax").wants(t, http.StatusSeeOther)
}

func TestTheAnswerOfATestIsShown(t *testing.T) {
	s := newChannelSite(t).as(models.Director)
	ch := s.addSlack(t, "Salon")
	path := channelPath(ch.ID)
	s.channels.answer = Tried{Host: "hooks.slack.com", Status: 200, Answer: "ok <b>"}
	s.submit(path+"/test").wants(t, http.StatusSeeOther)
	s.get(path).wants(t, http.StatusOK, "Salon a pris le message (réponse 200)", "ok &lt;b&gt;")
	if len(s.channels.sent) != 1 || s.channels.sent[0].Address.Reveal() != slackAddress || !strings.Contains(s.channels.said[0], "«\u00a0Salon\u00a0»") {
		t.Errorf("tried %v, %q", s.channels.sent, s.channels.said)
	}
	s.channels.answer = Tried{Rule: "told.status", Host: "hooks.slack.com", Status: 404, Answer: "no_service"}
	s.submit(path+"/test").wants(t, http.StatusUnprocessableEntity, "hooks.slack.com n’a pas pris le message (réponse 404)", "no_service")
	for _, reason := range []string{"address", "not_secure", "internal", "not_found", "unreachable", "timeout", "untrusted", "redirected", "too_large", "broken", "stopped"} {
		s.channels.answer = Tried{Rule: "told." + reason, Host: "hooks.slack.com"}
		bothLanguages(t, s, func(t *testing.T, _ string) {
			if a := s.submit(path + "/test"); a.status != http.StatusTooManyRequests {
				a.wants(t, http.StatusUnprocessableEntity)
			}
		})
	}
	s.submit(path+"/test").wants(t, http.StatusTooManyRequests)
	if len(s.channels.sent) != tries {
		t.Errorf("%d tests left, want %d", len(s.channels.sent), tries)
	}
}

func TestAChannelIsChangedPausedRemovedAndPutBack(t *testing.T) {
	s := newChannelSite(t).as(models.Director)
	ch := s.addSlack(t, "Salon")
	path := channelPath(ch.ID)
	s.submit(path+"/edit", "version", typedVersion(ch.Version), "name", "Salon commun", "lang", "en", "gets.renewal", "on", "kind", "webhook").wants(t, http.StatusSeeOther)
	now, _ := s.register().Channel(ch.ID)
	if now.Name != "Salon commun" || now.Kind != models.ChannelSlack || now.Lang != models.English || now.Amounts || now.Digest || now.AddressEnd != "Qz7x" || now.KeyedAt != ch.KeyedAt {
		t.Errorf("changed to %+v", now)
	}
	s.submit(path+"/edit", "version", typedVersion(ch.Version), "name", "Salon lointain", "lang", "en").wants(t, http.StatusConflict, "Salon lointain")
	s.submit(path+"/pause", "paused", "on").wants(t, http.StatusSeeOther)
	s.get(path).wants(t, http.StatusOK, "en pause", "Reprendre les envois")
	s.submit(path+"/pause").wants(t, http.StatusSeeOther)
	s.submit(path+"/removal").wants(t, http.StatusSeeOther)
	s.get("/settings/channels").plain().wants(t, http.StatusOK, "Salon commun est supprimé", path+"/restoration", "Supprimés depuis peu", "30 novembre")
	s.get(path).wants(t, http.StatusNotFound)
	s.submit(path+"/restoration").wants(t, http.StatusSeeOther)
	s.get(path).wants(t, http.StatusOK, "Salon commun est remis")
	if open, err := s.store.OpenChannel(t.Context(), s.org, ch.ID); err != nil || open.Address.Reveal() != slackAddress {
		t.Errorf("put back, it goes to %q, %v", open.Address.Reveal(), err)
	}
	s.submit(path+"/restoration").wants(t, http.StatusNotFound)
}

func TestKeysAreChangedOnAPageOfTheirOwn(t *testing.T) {
	s := newChannelSite(t).as(models.Director)
	ch := s.addSlack(t, "Salon")
	path := channelPath(ch.ID)
	version := func() string { now, _ := s.register().Channel(ch.ID); return typedVersion(now.Version) }
	s.submit(path+"/keys", "version", version()).wants(t, http.StatusUnprocessableEntity, "Donnez une nouvelle adresse")
	s.submit(path+"/keys", "version", version(), "secret_address", "https://hooks.slack.com/services/T1/B1/another-secret-9876").wants(t, http.StatusSeeOther)
	if now, _ := s.register().Channel(ch.ID); now.AddressEnd != "9876" {
		t.Errorf("the address ends in %q", now.AddressEnd)
	}
	s.get("/audit?kind=channel").wants(t, http.StatusOK, "adresse ou clé changée")

	s.submit("/settings/channels", "kind", "gotify", "name", "Téléphone", "secret_address", "https://gotify.example.org", "secret", "AbCdEfGhIjKlMnOp", "lang", "fr").wants(t, http.StatusSeeOther)
	g := s.register().Channels[1]
	s.submit(channelPath(g.ID)+"/keys", "version", typedVersion(g.Version), "secret_address", "https://elsewhere.example.net").
		wants(t, http.StatusUnprocessableEntity, "redonnez le jeton")
	s.get(channelPath(g.ID)+"/keys?draw=on").wants(t, http.StatusOK, "Jeton de l’application")
}

// A form that was open for too long loses its secrets on the way through the confirmation: nothing is then taken for
// left as it was, and no page repeats them.
func TestKeysTypedTooLateAreAskedForAgain(t *testing.T) {
	s := newChannelSite(t).as(models.Director)
	s.withPassword(testPassword)
	ch := s.addSlack(t, "Salon")
	path := channelPath(ch.ID)
	for _, page := range []string{"/settings/channels", path} { // looking, and pausing what is there, asks nothing
		s.later(freshLife)
		s.get(page).wants(t, http.StatusOK)
	}
	for _, page := range []string{"/settings/channels/new?kind=slack", path + "/edit", path + "/keys"} {
		s.get(page).follows(t, "/account/confirm?to="+url.QueryEscape(page))
	}
	for action, typed := range map[string][]string{
		path + "/keys":       {"version", typedVersion(ch.Version), "secret_address", "https://hooks.slack.com/services/T1/B1/typed-too-late"},
		"/settings/channels": {"kind", "gotify", "name", "Autre", "lang", "fr", "secret_address", "https://typed-too-late.example", "secret", "typed-too-late"},
	} {
		s.later(freshLife)
		if a := s.submit(action, typed...).wants(t, http.StatusForbidden); strings.Contains(a.body, "typed-too-late") {
			t.Errorf("%s repeats a secret", action)
		}
		carried := []string{"confirm_password", testPassword}
		for i := 0; i < len(typed); i += 2 {
			if !secretField(typed[i]) {
				carried = append(carried, typed[i], typed[i+1])
			}
		}
		s.submit(action, carried...).wants(t, http.StatusUnprocessableEntity)
	}
	if now := s.register().Channels; len(now) != 1 || now[0].Version != ch.Version {
		t.Errorf("the channels are %+v", now)
	}
}

func TestAWebhookGetsAKeyToCopyOnce(t *testing.T) {
	s := newChannelSite(t).as(models.Director)
	first, second := s.get("/settings/channels/new?kind=webhook"), s.get("/settings/channels/new?kind=webhook")
	key := func(a answer) string {
		_, rest, _ := strings.Cut(a.body, `value="whsec_`)
		text, _, _ := strings.Cut(rest, `"`)
		return "whsec_" + strings.ReplaceAll(text, "&#43;", "+")
	}
	if _, ok := models.WebhookKey(models.Secret(key(first))); !ok || key(first) == key(second) {
		t.Errorf("the keys drawn are %q and %q", key(first), key(second))
	}
	s.submit("/settings/channels", "kind", "webhook", "name", "Programme", "secret_address", "https://example.org/hook", "secret", key(first), "lang", "fr").wants(t, http.StatusSeeOther)
	ch := s.register().Channels[0]
	a := s.get(channelPath(ch.ID)).wants(t, http.StatusOK, "example.org")
	if body := html.UnescapeString(a.body); !strings.Contains(body, "…"+ch.SecretEnd) || strings.Contains(body, "whsec_") {
		t.Errorf("the key ending in %q is not shown by its end alone", ch.SecretEnd)
	}
}

func TestOnlyDirectorsManageChannels(t *testing.T) {
	for _, role := range []models.Role{models.Editor, models.Accountant, models.Staff} {
		s := newChannelSite(t).as(role)
		s.get("/settings/channels").wants(t, http.StatusForbidden)
		s.submit("/settings/channels", "kind", "slack", "name", "x", "secret_address", slackAddress, "lang", "fr").wants(t, http.StatusForbidden)
		by := models.Actor{Organisation: s.org, Role: role, At: testNow}
		for what, err := range map[string]error{
			"edit": s.store.EditChannel(t.Context(), by, models.Channel{}), "rekey": s.store.RekeyChannel(t.Context(), by, store.Rekey{}),
			"pause": s.store.PauseChannel(t.Context(), by, 1, true), "remove": s.store.RemoveChannel(t.Context(), by, 1), "restore": s.store.RestoreChannel(t.Context(), by, 1),
		} {
			if !errors.Is(err, models.ErrForbidden) {
				t.Errorf("%s may %s: %v", role, what, err)
			}
		}
	}
}
