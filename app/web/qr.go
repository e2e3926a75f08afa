package web

import (
	"fmt"
	"strings"

	"github.com/boombuler/barcode/qr"
)

// quiet is how many modules of white a reader wants around a QR code, by ISO/IEC 18004.
const quiet = 4

// picture is a QR code as a page draws it: one path in a square of whole units.
type picture struct {
	Side int
	Path string
}

// qrOf draws a text, each run of dark modules as a rectangle, so that nothing shines between two of them.
func qrOf(text string) (picture, error) {
	code, err := qr.Encode(text, qr.M, qr.Auto)
	if err != nil {
		return picture{}, fmt.Errorf("draw a QR code: %w", err)
	}
	side := code.Bounds().Dx()
	dark := func(x, y int) bool { r, _, _, _ := code.At(x, y).RGBA(); return r == 0 }
	var path strings.Builder
	for y := range side {
		for x := 0; x < side; x++ {
			if !dark(x, y) {
				continue
			}
			from := x
			for x < side && dark(x, y) {
				x++
			}
			fmt.Fprintf(&path, "M%d %dh%dv1H%dz", from+quiet, y+quiet, x-from, from+quiet)
		}
	}
	return picture{Side: side + 2*quiet, Path: path.String()}, nil
}
