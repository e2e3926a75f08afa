package words

import (
	"bytes"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
)

//go:embed locales/*/*.json
var locales embed.FS

// load reads every file of every language. A key written twice, in one file or in two, is an
// error: the second would silently win, and which is second depends on the files' names.
func load(fsys fs.FS) (map[Lang]*Words, error) {
	all := make(map[Lang]*Words)
	for _, lang := range Langs() {
		files, err := fs.Glob(fsys, path.Join("locales", string(lang), "*.json"))
		if err != nil {
			return nil, fmt.Errorf("list the %s texts: %w", lang, err)
		}
		messages := make(map[string]message)
		origin := make(map[string]string)
		for _, file := range files {
			data, err := fs.ReadFile(fsys, file)
			if err != nil {
				return nil, fmt.Errorf("read the %s texts: %w", lang, err)
			}
			entries, err := parseFile(data)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", file, err)
			}
			for _, e := range entries {
				if first, twice := origin[e.key]; twice {
					return nil, fmt.Errorf("%s: key %q is already in %s", file, e.key, first)
				}
				origin[e.key] = file
				messages[e.key] = e.message
			}
		}
		all[lang] = newWords(lang, messages)
	}
	return all, nil
}

type entry struct {
	key     string
	message message
}

// parseFile reads one flat object: each value is a text, or an object of plural forms.
// It walks the tokens because decoding into a map hides a key written twice.
func parseFile(data []byte) ([]entry, error) {
	dec := json.NewDecoder(bytes.NewReader(data))
	if err := open(dec); err != nil {
		return nil, err
	}
	var entries []entry
	for dec.More() {
		key, err := text(dec)
		if err != nil {
			return nil, err
		}
		var raw json.RawMessage
		if err := dec.Decode(&raw); err != nil {
			return nil, fmt.Errorf("key %q: %w", key, err)
		}
		m, err := parseMessage(raw)
		if err != nil {
			return nil, fmt.Errorf("key %q: %w", key, err)
		}
		entries = append(entries, entry{key, m})
	}
	if _, err := dec.Token(); err != nil {
		return nil, err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("something follows the closing brace")
	}
	return entries, nil
}

func open(dec *json.Decoder) error {
	t, err := dec.Token()
	if err != nil {
		return err
	}
	if t != json.Delim('{') {
		return fmt.Errorf("begins with %v where an object was expected", t)
	}
	return nil
}

func text(dec *json.Decoder) (string, error) {
	t, err := dec.Token()
	if err != nil {
		return "", err
	}
	s, ok := t.(string)
	if !ok {
		return "", fmt.Errorf("%v where a text was expected", t)
	}
	return s, nil
}

func parseMessage(raw json.RawMessage) (message, error) {
	var single string
	if json.Unmarshal(raw, &single) == nil {
		return newMessage(single)
	}
	var forms map[string]string
	if err := json.Unmarshal(raw, &forms); err != nil {
		return message{}, errors.New("neither a text nor an object of plural forms")
	}
	return newPluralMessage(forms)
}
