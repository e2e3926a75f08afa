package web

import (
	"bytes"
	"context"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"regexp"
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

// A button pressed twice sends one form twice.
func TestAPaymentFormSentTwiceRecordsOnePayment(t *testing.T) {
	s := newSite(t).as(models.Director)
	shown := regexp.MustCompile(`name="version" value="(\d+)"`).FindStringSubmatch(s.get("/payments/new").body)
	if shown == nil {
		t.Fatal("the form does not say what it was made from")
	}
	n := len(s.register().Payments)
	for range 2 {
		s.submit("/payments", "version", shown[1], "service", typedID(s.service("Dropbox").ID), "paid_on", "2026-11-20", "billed", "12,00", "currency", "EUR").follows(t, "/payments")
	}
	if made := len(s.register().Payments) - n; made != 1 {
		t.Errorf("%d payments are recorded", made)
	}
}
