package web

import "net/http"

// Address is where a request comes from: the proxies that are named are believed, and nobody else. The program's other
// part that answers requests asks here, so that both hold the same address to account.
func (w *Web) Address(r *http.Request) string { return w.echo.IPExtractor(r) }
