package api

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"net/http"

	"github.com/labstack/echo/v4"
)

// Document describes the API (OpenAPI 3.1). It is written by hand, and held against every answer by the tests.
//
//go:embed openapi.json
var Document []byte

var documentTag = func() string {
	sum := sha256.Sum256(Document)
	return `"` + base64.RawURLEncoding.EncodeToString(sum[:18]) + `"`
}()

// document says what can be asked. It is the same for everybody and holds nothing of any register: it needs no token.
func (a *API) document(c echo.Context) error {
	h := c.Response().Header()
	h.Set("Cache-Control", "public, no-cache")
	h.Set("ETag", documentTag)
	if matches(c.Request().Header.Get("If-None-Match"), documentTag) {
		return c.NoContent(http.StatusNotModified)
	}
	return c.Blob(http.StatusOK, jsonType, Document)
}
