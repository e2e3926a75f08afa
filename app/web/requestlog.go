package web

import (
	"log/slog"
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"
)

// watched begin the routes by which people come in, go out, and change how they and others may: each use of them is
// logged, whatever came of it.
var watched = []string{"/sign-in", "/sign-out", "/setup", "/forgotten", "/reset", "/address", "/invitation", "/account", "/organisations", "/people"}

func isWatched(method, route string) bool {
	if route == ProviderReturn {
		return true
	}
	return method == http.MethodPost && slices.ContainsFunc(watched, func(begin string) bool {
		return route == begin || strings.HasPrefix(route, begin+"/")
	})
}

// logRequests writes one line a request, with the route and not the address, in which a token could stand. Routes that
// are watched, and whatever is refused to a role or for coming too often, are logged by default, with who and from where.
func (w *Web) logRequests() echo.MiddlewareFunc {
	return middleware.RequestLoggerWithConfig(middleware.RequestLoggerConfig{
		LogStatus: true, LogMethod: true, LogRoutePath: true, LogLatency: true, LogRequestID: true, LogError: true, HandleError: true,
		LogValuesFunc: func(c echo.Context, v middleware.RequestLoggerValues) error {
			level := slog.LevelDebug
			args := []any{"method", v.Method, "route", v.RoutePath, "status", v.Status, "took", v.Latency, "id", v.RequestID}
			if isWatched(v.Method, v.RoutePath) || v.Status == http.StatusForbidden || v.Status == http.StatusTooManyRequests {
				who := visitOf(c).actor
				level, args = slog.LevelInfo, append(args, "from", c.RealIP(), "account", who.Account, "organisation", who.Organisation, "person", who.Person)
			}
			if v.Status >= http.StatusInternalServerError && v.Error != nil {
				level, args = slog.LevelError, append(args, "error", v.Error)
			}
			w.Logger.Log(c.Request().Context(), level, "request", args...)
			return nil
		},
	})
}
