package web

import (
	"bytes"
	"context"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/labstack/echo/v4"

	"enveloppe/models"
)

// A file may take longer to arrive than a request has to be answered: the work begins with a time of its own.
func TestAFormThatCameSlowlyHasTimeLeft(t *testing.T) {
	for name, receive := range map[string]echo.MiddlewareFunc{"invoices": receive, "rates": receiveRates} {
		var body bytes.Buffer
		form := multipart.NewWriter(&body)
		if err := form.WriteField("note", "x"); err != nil {
			t.Fatal(err)
		}
		if err := form.Close(); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		r := httptest.NewRequestWithContext(ctx, http.MethodPost, "/", &body)
		r.Header.Set(echo.HeaderContentType, form.FormDataContentType())
		cancel()
		c := echo.New().NewContext(r, httptest.NewRecorder())
		err := receive(func(c echo.Context) error { return c.Request().Context().Err() })(c)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Each part of a form costs memory and time before anything in it is looked at.
func TestAFormOfManyPartsIsNotReadToItsEnd(t *testing.T) {
	s := newSite(t).as(models.Director)
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for i := range 5000 {
		part, err := form.CreateFormFile("file", fmt.Sprintf("%d.csv", i))
		if err == nil {
			_, err = part.Write([]byte("x"))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := form.Close(); err != nil {
		t.Fatal(err)
	}
	if a := s.sendBody(&body, form.FormDataContentType()); a.status != http.StatusBadRequest {
		t.Errorf("answered %d", a.status)
	}
}
