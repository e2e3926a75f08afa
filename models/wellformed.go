package models

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"unicode/utf16"
)

// Bounds of an XML file somebody hands in, so that reading one of 10 MB cannot fill the memory: invoices stay far below.
const (
	deepestXML = 200      // elements within one another
	longestTag = 64 << 10 // bytes of one tag with its attributes
)

var errTagTooLong = errors.New("a tag is too long")

// wellFormed tells whether the content is an XML document without a document type, hence without entities of its own,
// and no page or picture. It may be in UTF-8, UTF-16 with its mark, or a western alphabet of one byte that it declares.
func wellFormed(content []byte) bool {
	content, ok := inUTF8(content)
	if !ok || !bytes.HasPrefix(bytes.TrimLeft(content, " \t\r\n"), []byte("<")) {
		return false
	}
	source := &bounded{content: content}
	decoder := xml.NewDecoder(source)
	decoder.CharsetReader = oneByte
	depth, roots := 0, 0
	for {
		source.limit = len(content)
		if at := source.ahead(); bytes.HasPrefix(content[at:], []byte("<")) && !bytes.HasPrefix(content[at:], []byte("<!")) {
			source.limit = min(source.limit, at+longestTag)
		}
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return roots == 1
		}
		if err != nil {
			return false
		}
		switch t := token.(type) {
		case xml.Directive: // a document type
			return false
		case xml.StartElement:
			if depth++; depth == 1 {
				roots++
			}
			if name := strings.ToLower(t.Name.Local); depth > deepestXML || roots > 1 || name == "html" || name == "svg" || name == "script" {
				return false
			}
		case xml.EndElement:
			depth--
		case xml.CharData:
			if depth == 0 && len(bytes.TrimSpace(t)) > 0 {
				return false
			}
		}
	}
}

// bounded gives the decoder its bytes one by one, up to a limit it may not pass within one tag.
type bounded struct {
	content   []byte
	at, limit int
}

func (b *bounded) ReadByte() (byte, error) {
	switch {
	case b.at == len(b.content):
		return 0, io.EOF
	case b.at >= b.limit:
		return 0, errTagTooLong
	}
	b.at++
	return b.content[b.at-1], nil
}

// ahead is where the next token begins: after a text the decoder has taken the bracket that ended it.
func (b *bounded) ahead() int {
	if b.at > 0 && b.content[b.at-1] == '<' {
		return b.at - 1
	}
	return b.at
}

// Read is never called: the decoder takes bytes where it can.
func (b *bounded) Read([]byte) (int, error) { return 0, io.ErrNoProgress }

// inUTF8 takes the mark of an encoding off, and turns UTF-16 into UTF-8; false when it is cut short.
func inUTF8(content []byte) ([]byte, bool) {
	low := 0 // where the low byte of a unit is
	switch {
	case bytes.HasPrefix(content, []byte("\xef\xbb\xbf")):
		return content[3:], true
	case bytes.HasPrefix(content, []byte("\xfe\xff")):
		low = 1
	case !bytes.HasPrefix(content, []byte("\xff\xfe")):
		return content, true
	}
	if len(content)%2 != 0 {
		return nil, false
	}
	units := make([]uint16, 0, len(content)/2-1)
	for i := 2; i < len(content); i += 2 {
		units = append(units, uint16(content[i+low])|uint16(content[i+1-low])<<8)
	}
	return []byte(string(utf16.Decode(units))), true
}

// oneByte reads the western alphabets of one byte as Latin-1: which letter a byte is changes nothing in the form. UTF-16
// has been turned already.
func oneByte(charset string, input io.Reader) (io.Reader, error) {
	switch strings.ToLower(charset) {
	case "utf-16", "utf-16le", "utf-16be", "us-ascii":
		return input, nil
	case "iso-8859-1", "iso-8859-15", "latin1", "windows-1252":
		from, ok := input.(io.ByteReader)
		if !ok {
			return nil, errors.ErrUnsupported
		}
		return &latin{from: from}, nil
	}
	return nil, errors.ErrUnsupported
}

// latin gives each byte over 127 as the two of its UTF-8.
type latin struct {
	from   io.ByteReader
	second byte // of a letter begun; 0 when none is
}

func (l *latin) ReadByte() (byte, error) {
	if next := l.second; next != 0 {
		l.second = 0
		return next, nil
	}
	b, err := l.from.ReadByte()
	if err != nil || b < 0x80 {
		return b, err
	}
	l.second = 0x80 | b&0x3f
	return 0xc0 | b>>6, nil
}

// Read is never called, as above.
func (l *latin) Read([]byte) (int, error) { return 0, io.ErrNoProgress }
