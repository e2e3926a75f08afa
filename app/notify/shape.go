package notify

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"enveloppe/app/outbound"
	"enveloppe/models"
	"enveloppe/templates/words"
)

// request is a note in the shape a channel's kind takes.
func request(ch models.Channel, n Note) (outbound.Request, error) {
	switch ch.Kind {
	case models.ChannelWebhook:
		return webhook(ch, n)
	case models.ChannelSlack:
		return posting(ch.Address, slack(n))
	case models.ChannelMattermost:
		return posting(ch.Address, mattermost(n))
	case models.ChannelDiscord:
		return posting(ch.Address, discord(n))
	case models.ChannelTeams:
		return posting(ch.Address, teams(n))
	case models.ChannelNtfy:
		return ntfy(ch, n)
	case models.ChannelGotify:
		return gotify(ch, n)
	case models.ChannelTelegram:
		return telegram(ch, n)
	}
	return outbound.Request{}, errors.New("a channel of a kind that is not known")
}

// posting is a message as JSON.
func posting(address models.Secret, message any) (outbound.Request, error) {
	var body bytes.Buffer
	e := json.NewEncoder(&body)
	e.SetEscapeHTML(false) // nobody reads it as HTML, and « & » stays one character of the limits
	if err := e.Encode(message); err != nil {
		return outbound.Request{}, fmt.Errorf("write the message: %w", err)
	}
	h := http.Header{}
	h.Set("Content-Type", "application/json; charset=utf-8")
	return outbound.Request{URL: address.Reveal(), Header: h, Body: bytes.TrimSpace(body.Bytes())}, nil
}

// open is what the link says.
func open(n Note) string { return words.In(words.Lang(n.Lang)).T("notify.open") }

// Limits of the other sides, in characters unless said otherwise; each with room for what stands around the text.
const (
	slackHeader  = 150
	slackSection = 2900
	markText     = 1900 // Mattermost takes 16 383, older ones 4 000; escaped it may be twice as long
	discordTitle = 128  // of 256, likewise
	discordBody  = 1800 // of 4 096, likewise
	teamsText    = 2500 // of 28 KB for a whole card
	teamsLines   = 60
	pushTitle    = 200
	pushBody     = 3000 // ntfy turns what is above 4 096 bytes into a file
	telegramText = 3800
)

type slackText struct {
	Type string `json:"type"`
	Text string `json:"text"`
}

type slackBlock struct {
	Type string    `json:"type"`
	Text slackText `json:"text"`
}

type slackMessage struct {
	Text        string       `json:"text"` // what the notification and readers of the screen say
	Blocks      []slackBlock `json:"blocks"`
	UnfurlLinks bool         `json:"unfurl_links"`
}

// slack writes for an incoming webhook of Slack. Only the link is written in its markup.
func slack(n Note) slackMessage {
	m := slackMessage{Text: escapeSlack(cut(n.Title, slackHeader))}
	m.Blocks = []slackBlock{{"header", slackText{"plain_text", cut(n.Title, slackHeader)}}}
	if n.Body != "" {
		m.Blocks = append(m.Blocks, slackBlock{"section", slackText{"plain_text", cut(n.Body, slackSection)}})
	}
	if n.Link != "" {
		link := "<" + strings.NewReplacer("|", "%7C", ">", "%3E", "<", "%3C").Replace(n.Link) + "|" + escapeSlack(open(n)) + ">"
		m.Blocks = append(m.Blocks, slackBlock{"section", slackText{"mrkdwn", link}})
	}
	return m
}

// escapeSlack takes the meaning from the three characters Slack reads as markup: nobody is called by a service's name.
func escapeSlack(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(s)
}

type mattermostAttachment struct {
	Fallback  string `json:"fallback"`
	Title     string `json:"title"`
	TitleLink string `json:"title_link,omitempty"`
	Text      string `json:"text"`
}

type mattermostMessage struct {
	Attachments []mattermostAttachment `json:"attachments"`
}

// mattermost writes for an incoming webhook of Mattermost.
func mattermost(n Note) mattermostMessage {
	return mattermostMessage{[]mattermostAttachment{{
		Fallback: uncalled(cut(n.Title, pushTitle)), Title: uncalled(escapeMarkdown(cut(n.Title, pushTitle), mattermostMarks)), TitleLink: n.Link, Text: uncalled(escapeMarkdown(cut(n.Body, markText), mattermostMarks)),
	}}}
}

// uncalled parts each @ from the name by a blank of no width, where nothing else keeps people from being called.
func uncalled(s string) string { return strings.ReplaceAll(s, "@", "@\u200b") }

// escapeMarkdown takes the meaning from what these two read as markup: some marks anywhere, some at the start of a line,
// and for Discord the colon that begins the name of a picture.
func escapeMarkdown(s, anywhere string) string {
	const atStart = "#>-+"
	var b strings.Builder
	start := true
	for i, r := range s {
		if strings.ContainsRune(anywhere, r) && (r != ':' || beginsName(s[i+1:])) || start && strings.ContainsRune(atStart, r) {
			b.WriteByte('\\')
		}
		start = r == '\n' || start && r == ' '
		b.WriteRune(r)
	}
	return b.String()
}

func beginsName(s string) bool {
	return s != "" && (s[0] == '_' || s[0] == '+' || s[0] == '-' || '0' <= s[0] && s[0] <= '9' || 'a' <= s[0]|0x20 && s[0]|0x20 <= 'z')
}

const (
	mattermostMarks = "\\`*_~|[]"
	discordMarks    = mattermostMarks + "<:"
)

type discordEmbed struct {
	Title       string `json:"title"`
	URL         string `json:"url,omitempty"`
	Description string `json:"description,omitempty"`
	Timestamp   string `json:"timestamp"`
}

type discordMessage struct {
	Embeds          []discordEmbed  `json:"embeds"`
	AllowedMentions discordMentions `json:"allowed_mentions"`
}

type discordMentions struct {
	Parse []string `json:"parse"`
}

// discord writes for a webhook of Discord, which then calls nobody.
func discord(n Note) discordMessage {
	body := n.Body
	if n.Link != "" && !linkable(n.Link) {
		body, n.Link = strings.TrimSpace(body+"\n\n"+n.Link), ""
	}
	return discordMessage{
		Embeds: []discordEmbed{{
			Title: escapeMarkdown(cut(n.Title, discordTitle), discordMarks), URL: n.Link, Description: escapeMarkdown(cut(body, discordBody), discordMarks),
			Timestamp: n.At.UTC().Format("2006-01-02T15:04:05.000Z"),
		}},
		AllowedMentions: discordMentions{Parse: []string{}},
	}
}

// linkable tells whether Discord takes an address as a link: one of this machine or of the house makes it refuse the
// whole message.
func linkable(link string) bool {
	u, err := url.Parse(link)
	return err == nil && strings.Contains(u.Hostname(), ".")
}

type teamsMessage struct {
	Type        string            `json:"type"`
	Attachments []teamsAttachment `json:"attachments"`
}

type teamsAttachment struct {
	ContentType string    `json:"contentType"`
	ContentURL  *string   `json:"contentUrl"`
	Content     teamsCard `json:"content"`
}

type teamsCard struct {
	Schema  string        `json:"$schema"`
	Type    string        `json:"type"`
	Version string        `json:"version"`
	Body    []teamsBlock  `json:"body"`
	Actions []teamsAction `json:"actions,omitempty"`
}

type teamsBlock struct {
	Type    string     `json:"type"`
	Text    string     `json:"text,omitempty"`
	Size    string     `json:"size,omitempty"`
	Weight  string     `json:"weight,omitempty"`
	Wrap    bool       `json:"wrap,omitempty"`
	Inlines []teamsRun `json:"inlines,omitempty"`
}

// teamsRun is a run of text that no markup is looked for in.
type teamsRun struct {
	Type   string `json:"type"`
	Text   string `json:"text"`
	Size   string `json:"size,omitempty"`
	Weight string `json:"weight,omitempty"`
}

type teamsAction struct {
	Type  string `json:"type"`
	Title string `json:"title"`
	URL   string `json:"url"`
}

// teams writes an adaptive card for a workflow of Teams that posts what a webhook receives. A text block would read
// Markdown; runs of text do not.
func teams(n Note) teamsMessage {
	card := teamsCard{Schema: "http://adaptivecards.io/schemas/adaptive-card.json", Type: "AdaptiveCard", Version: "1.4"}
	card.Body = []teamsBlock{{Type: "RichTextBlock", Inlines: []teamsRun{{"TextRun", cut(n.Title, pushTitle), "Large", "Bolder"}}}}
	for line := range strings.Lines(cut(n.Body, teamsText)) {
		if line = strings.TrimSpace(line); line != "" && len(card.Body) < teamsLines {
			card.Body = append(card.Body, teamsBlock{Type: "RichTextBlock", Inlines: []teamsRun{{Type: "TextRun", Text: line}}})
		}
	}
	if n.Link != "" {
		card.Actions = []teamsAction{{"Action.OpenUrl", open(n), n.Link}}
	}
	return teamsMessage{"message", []teamsAttachment{{ContentType: "application/vnd.microsoft.card.adaptive", Content: card}}}
}
