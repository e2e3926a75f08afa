package web

import (
	"context"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"enveloppe/models"
	"enveloppe/models/store"
)

// Limits of forms that carry files.
const (
	maxFiles    = 10                                      // in one form
	maxReceived = maxFiles*models.MaxAttachment/2 + 1<<20 // bytes of one form in all
	maxPlain    = 1 << 20                                 // bytes of a form without files
	keptInside  = 1 << 20                                 // bytes of files held in memory while a form is read; the rest waits on disk
	fileTime    = 10 * time.Minute                        // to send or to take files on a slow line
)

// receive reads a form with files whole before anything is done with it. The limit lies well above what one file may
// have, so that a file a little too big gets its sentence beside the field instead of a broken connection.
func receive(next echo.HandlerFunc) echo.HandlerFunc { return receiveUpTo(maxReceived, next) }

// receiveUpTo is receive with a limit of its own, in bytes of the whole form.
func receiveUpTo(most int64, next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		takeTime(c)
		r := c.Request()
		limit := int64(maxPlain)
		if kind, _, _ := mime.ParseMediaType(r.Header.Get(echo.HeaderContentType)); kind == echo.MIMEMultipartForm {
			limit = most
		}
		if r.ContentLength > limit {
			return echo.ErrStatusRequestEntityTooLarge
		}
		r.Body = http.MaxBytesReader(c.Response().Writer, r.Body, limit)
		if err := r.ParseMultipartForm(keptInside); err != nil && !errors.Is(err, http.ErrNotMultipart) {
			if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
				return echo.ErrStatusRequestEntityTooLarge
			}
			return echo.NewHTTPError(http.StatusBadRequest).SetInternal(err)
		}
		if r.MultipartForm != nil {
			defer func() { _ = r.MultipartForm.RemoveAll() }()
		}
		// The time for the work itself begins when everything has arrived.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), requestTime)
		defer cancel()
		c.SetRequest(r.WithContext(ctx))
		return next(c)
	}
}

// takeTime lets a request last as long as a file may take on a slow line.
func takeTime(c echo.Context) {
	until := time.Now().Add(fileTime) //nolint:forbidigo // a limit of the connection, not a day
	rc := http.NewResponseController(c.Response().Writer)
	_ = rc.SetReadDeadline(until) // a server that cannot keeps its own limits
	_ = rc.SetWriteDeadline(until)
}

// fileField is what every form calls its choice of files.
const fileField = "file"

// uploads are the files chosen. Everything wrong with them is noted under their field, and then none is given: one that
// is empty, too large, or of no kind that is kept; or too many at once.
func (e *entry) uploads(c echo.Context) ([]store.NamedFile, error) {
	form := c.Request().MultipartForm
	if form == nil {
		return nil, nil
	}
	var out []store.NamedFile
	for _, h := range form.File[fileField] {
		if h.Filename == "" && h.Size == 0 { // what a browser sends when nothing was chosen
			continue
		}
		if len(out) == maxFiles {
			e.bad.Add(fileField, "upload.many", "max", maxFiles)
			return nil, nil
		}
		content, err := readUpload(h)
		if err != nil {
			return nil, err
		}
		u := store.NamedFile{Name: models.CleanFileName(h.Filename), Content: content}
		if rule, args := uploadFault(u); rule != "" {
			e.bad.Add(fileField, rule, args...)
			return nil, nil
		}
		out = append(out, u)
	}
	return out, nil
}

// chose tells whether a form came with files at all: a browser does not give them back, and they are to be chosen again.
func chose(c echo.Context) bool {
	form := c.Request().MultipartForm
	if form == nil {
		return false
	}
	for _, h := range form.File[fileField] {
		if h.Filename != "" || h.Size > 0 {
			return true
		}
	}
	return false
}

// readUpload reads a file up to one byte more than is kept, which is enough to refuse it.
func readUpload(h *multipart.FileHeader) ([]byte, error) {
	f, err := h.Open()
	if err != nil {
		return nil, err
	}
	content, err := io.ReadAll(io.LimitReader(f, models.MaxAttachment+1))
	return content, errors.Join(err, f.Close())
}

// uploadFault is what is wrong with a file, as a rule with the places of its sentence.
func uploadFault(u store.NamedFile) (rule string, args []any) {
	switch {
	case len(u.Content) == 0:
		return "upload.empty", []any{"name", u.Name}
	case len(u.Content) > models.MaxAttachment:
		return "upload.too_large", []any{"name", u.Name, "max", models.MaxAttachment >> 20}
	}
	if _, ok := models.MediaOf(u.Content); !ok {
		return "upload.kind", []any{"name", u.Name}
	}
	return "", nil
}

// saveAs is the header that makes a browser save a file under a name (RFC 6266): the plain name for old browsers,
// the whole one in UTF-8 for all others.
func saveAs(name string) string {
	plain := strings.Map(func(r rune) rune {
		if r < ' ' || r >= 0x7f || strings.ContainsRune(`"\/%;`, r) {
			return '_'
		}
		return r
	}, name)
	header := `attachment; filename="` + plain + `"`
	if plain != name {
		header += "; filename*=UTF-8''" + percentEncoded(name)
	}
	return header
}

// percentEncoded writes a text with only the characters that RFC 8187 lets stand.
func percentEncoded(s string) string {
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(s) {
		c := s[i]
		if 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("!#$&+-.^_`|~", c) >= 0 {
			b.WriteByte(c)
			continue
		}
		b.WriteByte('%')
		b.WriteByte(hex[c>>4])
		b.WriteByte(hex[c&15])
	}
	return b.String()
}
