// Package chart works out where the lines, bars and labels of a picture go, from amounts of money.
//
// It gives coordinates and never markup: a template draws them in an SVG of width 100 % and without viewBox, colours them
// by class and takes every figure it prints from the register, finding it by a mark's Index. Across, X and W are in
// percent of the picture's width, rounded to a hundredth, so that letters keep their size at any width; down, Y and H
// are in pixels, rounded to a tenth. Floating point is used here only, for places on the page. Amounts of one picture
// are all in one currency.
package chart

import (
	"math"
	"strings"
	"unicode"

	"enveloppe/models/money"
)

// Size is the least width a picture is shown at, its height, and the height of its letters, all in pixels. What does
// not meet at the least width does not meet at any greater one.
type Size struct {
	W, H float64
	Font float64
}

// Rect is a box: X and W in percent of the width, Y and H in pixels; X and Y are its upper left corner.
type Rect struct{ X, Y, W, H float64 }

// IsEmpty tells whether there is nothing to draw.
func (r Rect) IsEmpty() bool { return r.W <= 0 || r.H <= 0 }

// Line goes from one point to another: X1 and X2 in percent, Y1 and Y2 in pixels.
type Line struct{ X1, Y1, X2, Y2 float64 }

// Anchor is which end of a text lies on its point, as SVG's text-anchor.
type Anchor string

// The anchors.
const (
	Start  Anchor = "start"
	Middle Anchor = "middle"
	End    Anchor = "end"
)

// Label is a text and where its baseline goes: x="X%" dx="DX" y="Y". Labels of one picture neither overlap nor leave
// it; one there is no room for is not Shown, and its text is left to the mark's title. Roomy is one with room only where
// the picture is at least 26rem wide: it gets the class "rest".
type Label struct {
	X, DX, Y float64 // percent, pixels, pixels
	Anchor   Anchor
	Text     string
	Shown    bool
	Roomy    bool
}

// Format writes an amount as the reader's language does.
type Format func(money.Amount) string

func round(x float64) float64 { return math.Round(x*10)/10 + 0 } // + 0 leaves no negative zero

// percent is a share of the width, from 0 to 1, in percent.
func percent(share float64) float64 { return math.Round(share*10_000)/100 + 0 }

// box is the rectangle between two shares of the width and two heights. The edges are rounded, not the lengths, so
// that boxes that touch go on touching.
func box(left, top, right, bottom float64) Rect {
	x, y := percent(left), round(top)
	w, h := math.Round((percent(right)-x)*100)/100, round(round(bottom)-y)
	return Rect{x, y, max(0, w), max(0, h)}
}

// value is an amount as a length before scaling; no amount is nothing.
func value(a money.Amount) float64 { return float64(a.Units()) / money.UnitsPerOne }

// Widths of letters in ems, a little over those of Inter in its medium weight, so that what fits here fits on a page.
const (
	wideLetter   = 0.92 // m, w, most capitals
	digitWidth   = 0.66 // tabular figures
	letterWidth  = 0.62
	slimLetter   = 0.45 // f, r
	narrowLetter = 0.33
)

// TextWidth is about how wide a text is at a font size in pixels, rather too much than too little.
func TextWidth(text string, font float64) float64 {
	ems := 0.0
	for _, r := range text {
		switch {
		case strings.ContainsRune("ijlt.,:;!'’|()\u00a0 ", r):
			ems += narrowLetter
		case r == 'f' || r == 'r':
			ems += slimLetter
		case r == '\u202f':
			ems += narrowLetter * 0.7
		case r == 'm' || r == 'w' || r == '—' || r == '%' || unicode.IsUpper(r):
			ems += wideLetter
		case unicode.IsDigit(r) || r == '€':
			ems += digitWidth
		default:
			ems += letterWidth
		}
	}
	return ems * font
}

// scale is the round number a scale ends at, at least top, and the step of its grid: 1, 2, 2.5 or 5 times a power of
// ten, at most about steps of them.
func scale(top float64, steps int) (end, step float64) {
	if top <= 0 {
		return 100, 100 / float64(steps)
	}
	rough := max(top, 1) / float64(steps) // a grid of cents says nothing
	power := math.Pow(10, math.Floor(math.Log10(rough)))
	step = 10 * power
	for _, m := range []float64{1, 2, 2.5, 5} {
		if rough <= m*power*(1+1e-9) {
			step = m * power
			break
		}
	}
	return math.Ceil(top/step-1e-9) * step, step
}

// amountOf is a grid value as euros, to be written by the caller's Format.
func amountOf(v float64) money.Amount {
	return money.New(int64(math.Round(v*money.UnitsPerOne)), money.EUR)
}
