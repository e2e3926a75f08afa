package app_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Who may import whom, as one table. A room is a folder with everything below it, unless a folder below has a row of
// its own. A package outside every room fails: a new room is a decision.
var mayImport = map[string][]string{
	"models/money":          {},
	"models/cal":            {},
	"models/statement":      {"models/money", "models/cal"},
	"models/eurofxref":      {"models/money", "models/cal"},
	"models":                {"models/money", "models/cal"},
	"models/store":          {"models", "models/statement", "models/money", "models/cal"},
	"reports/chart":         {"models/money", "models/cal"},
	"reports":               {"reports/chart", "models", "models/money", "models/cal", "templates", "templates/words"},
	"templates/words":       {"models", "models/money", "models/cal"},
	"templates":             {"templates/words", "reports/chart", "models", "models/money", "models/cal"},
	"static":                {},
	"app/web":               belowApp,
	"app/api":               belowApp,
	"app/jobs":              belowApp,
	"app/mail":              belowApp,
	"app/outbound":          {},
	"app/notify":            {"app/outbound", "models", "templates/words"}, // that nothing leaves but by the guarded client is seen here
	"app/openid":            {"app/outbound"},
	"app/openid/openidtest": {},
	"app/mail/mailtest":     {},
	"app/browser":           {},
	"app":                   append([]string{"app/web", "app/api", "app/jobs", "app/mail", "app/outbound", "app/notify", "app/openid"}, belowApp...),
	// A command speaks of days and documents; the parts of app and the store it reaches through app.
	"cmd": {"app", "reports", "models", "models/money", "models/cal", "templates/words"},
}

var belowApp = []string{
	"reports", "reports/chart", "models/store", "models/statement", "models/eurofxref", "models", "models/money", "models/cal",
	"templates", "templates/words", "static",
}

// Which room may use which foreign module. golang.org/x is close to the standard library and free to all; a module
// without a row fails.
var modules = map[string][]string{
	"github.com/labstack/echo":        {"app/web", "app/api"},
	"github.com/hashicorp/golang-lru": {"app/web"},
	"github.com/go-webauthn":          {"app/web"},
	"github.com/boombuler/barcode":    {"app/web"},
	"gorm.io":                         {"models/store"},
	"github.com/pressly/goose":        {"models/store"},
	"github.com/mattn/go-sqlite3":     {"models/store"},
	"modernc.org/sqlite":              {"models/store"},
	"github.com/jackc/pgx":            {"models/store"},
	"github.com/go-co-op/gocron":      {"app/jobs"},
	"github.com/shopspring/decimal":   {"models/money"},
	"github.com/bojanz/currency":      {"models/money", "templates/words"},
	"github.com/nicksnyder/go-i18n":   {"templates/words"},
	"github.com/wneessen/go-mail":     {"app/mail"},
	"github.com/xuri/excelize":        {"reports"},
	"codeberg.org/go-pdf/fpdf":        {"reports"},
	"github.com/emersion":             {"app/mail/mailtest"},
	"github.com/chromedp":             {"app/browser"},
	"github.com/coreos/go-oidc":       {"app/openid"},
	"github.com/zitadel/oidc":         {"app/openid/openidtest"},
}

// The domain computes: it is given days and figures, and neither waits, nor reads a clock, nor reaches outside.
// net/url, net/mail and net/netip only read text. Documents are written to an io.Writer that somebody else opened.
var (
	outside  = regexp.MustCompile(`^(context|os(/.*)?|net|net/(http|smtp|rpc|textproto)(/.*)?|syscall|log(/.*)?|database/sql|io/ioutil|testing(/.*)?)$`)
	database = regexp.MustCompile(`^(os(/.*)?|net|net/(http|smtp|rpc)(/.*)?|syscall|database/sql|testing(/.*)?)$`)
)

var forbiddenStd = map[string]*regexp.Regexp{
	"models": outside, "models/money": outside, "models/cal": outside, "models/statement": outside, "models/eurofxref": outside,
	"reports": database, "reports/chart": database,
	"templates": database, "templates/words": database, // static serves its own files: it may know HTTP
}

// onlyInTests are rooms that no program may contain.
var onlyInTests = []string{"app/browser", "app/mail/mailtest", "app/openid/openidtest"}

const module = "enveloppe/"

// pkg is the part of go list's answer that the rules speak of.
type pkg struct {
	ImportPath                         string
	Imports, TestImports, XTestImports []string
}

func room(importPath string) string {
	p := strings.TrimPrefix(importPath, module)
	for ; p != "."; p = path.Dir(p) {
		if _, known := mayImport[p]; known {
			// A new folder of app is a part beside the others and does not inherit app's right to know them all.
			if p == "app" && importPath != module+"app" {
				return ""
			}
			return p
		}
	}
	return ""
}

// brokenRules says in sentences what a package imports and should not; none is right.
func brokenRules(p pkg) []string {
	here := room(p.ImportPath)
	if here == "" {
		return []string{p.ImportPath + " is in no room: give it a row in mayImport, or a place in a room"}
	}
	var broken []string
	for _, i := range p.Imports {
		if reason := whyNot(here, i); reason != "" {
			broken = append(broken, fmt.Sprintf("%s imports %s: %s", p.ImportPath, i, reason))
		}
	}
	for _, i := range append(slices.Clone(p.TestImports), p.XTestImports...) {
		if reason := whyNotInTest(here, i); reason != "" {
			broken = append(broken, fmt.Sprintf("a test of %s imports %s: %s", p.ImportPath, i, reason))
		}
	}
	slices.Sort(broken)
	return slices.Compact(broken)
}

func whyNot(here, imported string) string {
	first, _, _ := strings.Cut(imported, "/")
	switch {
	case strings.HasPrefix(imported, module):
		there := room(imported)
		if slices.Contains(onlyInTests, there) && there != here {
			return "it is for tests"
		}
		if there != here && !slices.Contains(mayImport[here], there) {
			return here + " may import only " + strings.Join(mayImport[here], ", ")
		}
	case !strings.Contains(first, "."):
		if rule := forbiddenStd[here]; rule != nil && rule.MatchString(imported) {
			return here + " has no clock, context, files, network or database"
		}
	case strings.HasPrefix(imported, "golang.org/x/"):
	default:
		for prefix, rooms := range modules {
			if within(imported, prefix) {
				if slices.Contains(rooms, here) {
					return ""
				}
				return "it stays in " + strings.Join(rooms, " and ")
			}
		}
		return "the module has no row in modules"
	}
	return ""
}

// whyNotInTest lets a test use any module and the tools for tests, but no test of a part knows a part it does not
// stand on, and the domain's tests stay free of the database.
func whyNotInTest(here, imported string) string {
	there := room(imported)
	switch {
	case !strings.HasPrefix(imported, module):
		if strings.HasPrefix(here, "models") && here != "models/store" && within(imported, "gorm.io") {
			return "the domain knows no database"
		}
	case strings.HasPrefix(here, "app/") && strings.HasPrefix(there, "app/") && here != there &&
		!slices.Contains(onlyInTests, there) && !slices.Contains(mayImport[here], there):
		return "the parts of app do not know each other"
	case strings.HasPrefix(here, "models") && here != "models/store" && there == "models/store":
		return "the domain knows no database"
	}
	return ""
}

// within tells whether a path is prefix or lies below it; a version such as /v4 lies below.
func within(importPath, prefix string) bool {
	return importPath == prefix || strings.HasPrefix(importPath, prefix+"/")
}

func TestImports(t *testing.T) {
	// Both databases: the one without a C compiler is another file with other imports.
	for _, cgo := range []string{"1", "0"} {
		packages := list(t, cgo)
		if len(packages) < 10 {
			t.Fatalf("go list found %d packages only", len(packages))
		}
		for _, p := range packages {
			for _, sentence := range brokenRules(p) {
				t.Errorf("CGO_ENABLED=%s: %s", cgo, sentence)
			}
		}
	}
}

func list(t *testing.T, cgo string) []pkg {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-json=ImportPath,Imports,TestImports,XTestImports", "./...")
	cmd.Dir = ".."
	cmd.Env = append(os.Environ(), "CGO_ENABLED="+cgo)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, stderr.String())
	}
	var packages []pkg
	for decoder := json.NewDecoder(bytes.NewReader(out)); ; {
		var p pkg
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			return packages
		} else if err != nil {
			t.Fatalf("read go list: %v", err)
		}
		packages = append(packages, p)
	}
}

func TestRulesOfImportCanFail(t *testing.T) {
	cases := []struct {
		name string
		pkg  pkg
		want string // a part of the one sentence; "" when it is allowed
	}{
		{"web on store", pkg{ImportPath: "enveloppe/app/web", Imports: []string{"context", "enveloppe/models/store"}}, ""},
		{"web on Echo", pkg{ImportPath: "enveloppe/app/web", Imports: []string{"github.com/labstack/echo/v4/middleware"}}, ""},
		{"a folder of web on Echo", pkg{ImportPath: "enveloppe/app/web/pagecache", Imports: []string{"github.com/labstack/echo/v4"}}, ""},
		{"money on decimal", pkg{ImportPath: "enveloppe/models/money", Imports: []string{"github.com/shopspring/decimal", "database/sql/driver"}}, ""},
		{"web's tests on mailtest", pkg{ImportPath: "enveloppe/app/web", TestImports: []string{"enveloppe/app/mail/mailtest", "enveloppe/app/browser"}}, ""},
		{"a test on any module", pkg{ImportPath: "enveloppe/models/cal", TestImports: []string{"pgregory.net/rapid"}}, ""},
		{"web on mail", pkg{ImportPath: "enveloppe/app/web", Imports: []string{"enveloppe/app/mail"}}, "app/web may import only"},
		{"web's tests on mail", pkg{ImportPath: "enveloppe/app/web", XTestImports: []string{"enveloppe/app/mail"}}, "do not know each other"},
		{"openid's tests on what it stands on", pkg{ImportPath: "enveloppe/app/openid", TestImports: []string{"enveloppe/app/outbound"}}, ""},
		{"openid's tests on mail", pkg{ImportPath: "enveloppe/app/openid", TestImports: []string{"enveloppe/app/mail"}}, "do not know each other"},
		{"web on mailtest", pkg{ImportPath: "enveloppe/app/web", Imports: []string{"enveloppe/app/mail/mailtest"}}, "for tests"},
		{"mail on mailtest", pkg{ImportPath: "enveloppe/app/mail", Imports: []string{"enveloppe/app/mail/mailtest"}}, "for tests"},
		{"web on GORM", pkg{ImportPath: "enveloppe/app/web", Imports: []string{"gorm.io/gorm"}}, "stays in models/store"},
		{"store on Echo", pkg{ImportPath: "enveloppe/models/store", Imports: []string{"github.com/labstack/echo/v4"}}, "stays in app/web"},
		{"reports on decimal", pkg{ImportPath: "enveloppe/reports", Imports: []string{"github.com/shopspring/decimal"}}, "stays in models/money"},
		{"reports on store", pkg{ImportPath: "enveloppe/reports", Imports: []string{"enveloppe/models/store"}}, "may import only"},
		{"reports on HTTP", pkg{ImportPath: "enveloppe/reports", Imports: []string{"net/http"}}, "no clock"},
		{"models on a context", pkg{ImportPath: "enveloppe/models", Imports: []string{"context"}}, "no clock"},
		{"models on files", pkg{ImportPath: "enveloppe/models", Imports: []string{"os"}}, "no clock"},
		{"models on words for addresses", pkg{ImportPath: "enveloppe/models", Imports: []string{"net/url", "net/mail"}}, ""},
		{"a folder of models on logs", pkg{ImportPath: "enveloppe/models/password", Imports: []string{"log/slog"}}, "no clock"},
		{"models on store", pkg{ImportPath: "enveloppe/models", Imports: []string{"enveloppe/models/store"}}, "may import only"},
		{"models' tests on GORM", pkg{ImportPath: "enveloppe/models", TestImports: []string{"gorm.io/gorm"}}, "knows no database"},
		{"models' tests on store", pkg{ImportPath: "enveloppe/models", XTestImports: []string{"enveloppe/models/store"}}, "knows no database"},
		{"cal on money", pkg{ImportPath: "enveloppe/models/cal", Imports: []string{"enveloppe/models/money"}}, "may import only"},
		{"cmd past app", pkg{ImportPath: "enveloppe/cmd/enveloppe", Imports: []string{"enveloppe/models/store"}}, "cmd may import only app, reports"},
		{"nobody's module", pkg{ImportPath: "enveloppe/app", Imports: []string{"github.com/sirupsen/logrus"}}, "no row in modules"},
		{"nobody's room", pkg{ImportPath: "enveloppe/tools"}, "in no room"},
		{"a new part", pkg{ImportPath: "enveloppe/app/feed"}, "in no room"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := brokenRules(c.pkg)
			if c.want == "" && len(got) > 0 || c.want != "" && (len(got) != 1 || !strings.Contains(got[0], c.want)) {
				t.Errorf("got %q, want %q in it", got, c.want)
			}
		})
	}
}

// clockReaders names the calls of a Go file that read a clock.
func clockReaders(name string, source []byte) ([]string, error) {
	file, err := parser.ParseFile(token.NewFileSet(), name, source, parser.SkipObjectResolution)
	if err != nil {
		return nil, fmt.Errorf("parse: %w", err)
	}
	var found []string
	ast.Inspect(file, func(n ast.Node) bool {
		if call, ok := n.(*ast.SelectorExpr); ok {
			of, _ := call.X.(*ast.Ident)
			if of != nil && of.Name == "time" && slices.Contains([]string{"Now", "Since", "Until"}, call.Sel.Name) {
				found = append(found, "time."+call.Sel.Name)
			}
		}
		return true
	})
	return found, nil
}

// No code below app reads a clock: today is a parameter, so that any day can be tried.
func TestOnlyTheTopReadsAClock(t *testing.T) {
	for _, below := range []string{"models", "reports", "templates", "static"} {
		err := fs.WalkDir(os.DirFS(".."), below, func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(name, ".go") {
				return err
			}
			source, err := os.ReadFile(filepath.Join("..", name))
			if err != nil {
				return err
			}
			found, err := clockReaders(name, source)
			if len(found) > 0 {
				t.Errorf("%s reads a clock: %s", name, strings.Join(found, ", "))
			}
			return err
		})
		if err != nil {
			t.Errorf("walk %s: %v", below, err)
		}
	}
	found, err := clockReaders("x.go", []byte("package x\nimport \"time\"\nvar a, b = time.Now(), time.Now\nvar c = time.Date"))
	if diff := cmp.Diff([]string{"time.Now", "time.Now"}, found); diff != "" || err != nil {
		t.Errorf("a file that reads a clock is not told: %v\n%s", err, diff)
	}
}

// What lies at the top, and nothing else but dot-files and what a run leaves there by default.
var top = []string{"cmd", "app", "models", "reports", "templates", "static", "go.mod", "go.sum", "README.md", "LICENSE"}

var leftByARun = regexp.MustCompile(`^(enveloppe(\.exe)?|.*\.db(-shm|-wal|-journal)?)$`)

// drawer is a name under which anything can be put, so that nobody finds it again. services.go is a page of ours.
var drawer = regexp.MustCompile(`(?i)(^|/)((utils?|common|helpers?|managers?|misc)(_[^/]*)?(/|\.[a-z]+$|$)|services?/)`)

func wrongNames(topLevel, files []string) []string {
	var wrong []string
	for _, name := range topLevel {
		if !slices.Contains(top, name) && !strings.HasPrefix(name, ".") && !leftByARun.MatchString(name) {
			wrong = append(wrong, name+" does not belong at the top")
		}
	}
	for _, name := range top {
		if !slices.Contains(topLevel, name) {
			wrong = append(wrong, name+" is missing")
		}
	}
	for _, name := range files {
		isPage := strings.HasPrefix(name, "templates/") || strings.HasPrefix(name, "static/")
		if drawer.MatchString(name) && !isPage {
			wrong = append(wrong, name+" is a drawer, not a room")
		}
	}
	return wrong
}

func TestRooms(t *testing.T) {
	var topLevel, files []string
	err := fs.WalkDir(os.DirFS(".."), ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil || name == ".":
			return err
		case !strings.Contains(name, "/"):
			topLevel = append(topLevel, name)
			if d.IsDir() && strings.HasPrefix(name, ".") {
				return fs.SkipDir
			}
		case !d.IsDir():
			files = append(files, name)
		}
		return nil
	})
	if err != nil {
		t.Fatalf("walk the checkout: %v", err)
	}
	for _, sentence := range wrongNames(topLevel, files) {
		t.Error(sentence)
	}
}

func TestRulesOfNamesCanFail(t *testing.T) {
	complete := append([]string{".git", ".ci", "enveloppe", "enveloppe.db", "enveloppe.db-wal"}, top...)
	if got := wrongNames(complete, []string{"app/web/services.go", "models/service.go", "templates/pages/services/list.html", "models/money/split.go"}); len(got) != 0 {
		t.Errorf("right names are called wrong: %q", got)
	}
	for bad, want := range map[string]string{
		"app/utils/text.go":         "drawer",
		"models/util.go":            "drawer",
		"models/helpers_test.go":    "drawer",
		"reports/common.go":         "drawer",
		"app/services/digest.go":    "drawer",
		"app/web/Manager.go":        "drawer",
		"app/web/misc/x.go":         "drawer",
		"models/helper/internal.go": "drawer",
	} {
		if got := wrongNames(complete, []string{bad}); len(got) != 1 || !strings.Contains(got[0], want) {
			t.Errorf("%s: got %q, want %q", bad, got, want)
		}
	}
	if got := wrongNames(append(complete, "docs"), nil); len(got) != 1 {
		t.Errorf("docs at the top: got %q", got)
	}
	if got := wrongNames(complete[:len(complete)-1], nil); len(got) != 1 {
		t.Errorf("LICENSE missing: got %q", got)
	}
}

// A row that no package uses any more is a rule about nothing.
func TestTableOfRoomsKnowsOnlyRooms(t *testing.T) {
	for _, allowed := range slices.Concat(slices.Collect(maps.Values(mayImport))...) {
		if _, known := mayImport[allowed]; !known {
			t.Errorf("mayImport allows %s, which is no room", allowed)
		}
	}
	for name, rooms := range modules {
		for _, r := range rooms {
			if _, known := mayImport[r]; !known {
				t.Errorf("%s stays in %s, which is no room", name, r)
			}
		}
	}
}
