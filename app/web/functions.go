package web

import (
	"fmt"
	"html/template"
	"strconv"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/money"
	"enveloppe/reports/chart"
	"enveloppe/static"
	"enveloppe/templates/words"
)

// functions are what templates may call, bound to one language. There is no arithmetic among them.
func functions(w *words.Words) template.FuncMap {
	return template.FuncMap{
		"t": w.T, "n": w.N, "kind": func(family string, value any) string { return w.Kind(family, fmt.Sprint(value)) }, "parts": w.Parts, "list": w.List,
		"money": w.Money, "moneyRound": w.MoneyRound, "moneyShort": w.MoneyShort, "moneySigned": w.MoneySigned, "number": w.Number,
		"percent": w.Percent, "change": w.ChangePercent, "rate": w.Rate, "symbol": w.Symbol,
		"day": w.Day, "dayLong": w.DayLong, "dayMedium": w.DayMedium, "dayShort": w.DayShort, "dayNumeric": w.DayNumeric,
		"month": w.Month, "monthOnly": w.MonthOnly, "relative": w.Relative, "moment": w.Moment, "span": w.Span, "fiscalYear": w.FiscalYear,
		"cadence": w.Cadence, "per": w.CadencePer, "before": w.Notice, "country": w.Country, "countries": w.Countries,
		"problem": w.Problem, "refusal": w.Refusal,
		"asset": static.URL, "iso": func(d cal.Date) string { return d.String() },
		"field": newField, "option": func(value, label any) Option { return Option{fmt.Sprint(value), fmt.Sprint(label)} }, "options": func(o ...Option) []Option { return o },
		"units": func() []Option { return unitOptions(w) }, "noticeUnits": func() []Option { return unitOptions(w)[:4] },
		"said":    func(n Notice) string { return w.T("notice."+n.Key, n.Values()...) },
		"amounts": func() bool { return !w.Conceals() },
		"isNone":  func(a money.Amount) bool { return a.IsNone() },
		"pair":    func(name string, value any) map[string]any { return map[string]any{"Name": name, "Value": value} },
		"args": func(pairs ...any) (map[string]any, error) {
			m := make(map[string]any, len(pairs)/2)
			for i := 0; i+1 < len(pairs); i += 2 {
				name, ok := pairs[i].(string)
				if !ok {
					return nil, fmt.Errorf("args: %v is not a name", pairs[i])
				}
				m[name] = pairs[i+1]
			}
			return m, nil
		},
		"boundary": func(a money.Amount) string { return boundary(w, a) }, "mark": func(class string, l chart.Label) chartMark { return chartMark{class, l} },
		"id": func(id models.ID) string { return strconv.FormatInt(int64(id), 10) },
	}
}

// Option is one choice of a list.
type Option struct{ Value, Label string }

func unitOptions(w *words.Words) []Option {
	var out []Option
	for _, u := range []cal.Unit{cal.Day, cal.Week, cal.Month, cal.Year, cal.Once} {
		out = append(out, Option{string(u), w.Kind("unit", string(u))})
	}
	return out
}

// Field is one field of a form as the partials draw it.
type Field struct {
	Name, Label, Value, Error, Hint string
	Type                            string // text when empty
	Autocomplete, InputMode, List   string
	Prefix, Suffix                  string
	Max                             int
	Required, Focus                 bool
	Options                         []Option
	Unit                            *Field // a second control on the same line: currency, unit
}

// Described is the id of what explains the field, for aria-describedby.
func (f Field) Described() string {
	switch {
	case f.Error != "" && f.Hint != "":
		return f.Name + "-error " + f.Name + "-hint"
	case f.Error != "":
		return f.Name + "-error"
	case f.Hint != "":
		return f.Name + "-hint"
	}
	return ""
}

// newField draws on a form: {{template "input" (field .P.Form "name" (t "service.name") "required" true)}}.
func newField(f Form, name, label string, pairs ...any) (Field, error) {
	out := Field{Name: name, Label: label, Value: f.Value(name), Error: f.Error(name)}
	for i := 0; i+1 < len(pairs); i += 2 {
		what, ok := pairs[i].(string)
		if !ok {
			return out, fmt.Errorf("field %s: %v is not the name of a setting", name, pairs[i])
		}
		if err := out.set(what, pairs[i+1]); err != nil {
			return out, err
		}
	}
	return out, nil
}

func (f *Field) set(what string, value any) error {
	text, isText := value.(string)
	flag, isFlag := value.(bool)
	number, isNumber := value.(int)
	list, isList := value.([]Option)
	unit, isUnit := value.(Field)
	switch {
	case isText && what == "hint":
		f.Hint = text
	case isText && what == "type":
		f.Type = text
	case isText && what == "autocomplete":
		f.Autocomplete = text
	case isText && what == "inputmode":
		f.InputMode = text
	case isText && what == "list":
		f.List = text
	case isText && what == "prefix":
		f.Prefix = text
	case isText && what == "suffix":
		f.Suffix = text
	case isFlag && what == "required":
		f.Required = flag
	case isFlag && what == "focus":
		f.Focus = flag
	case isNumber && what == "max":
		f.Max = number
	case isList && what == "options":
		f.Options = list
	case isUnit && what == "unit":
		f.Unit = &unit
	default:
		return fmt.Errorf("field %s: no setting %q of type %T", f.Name, what, value)
	}
	return nil
}
