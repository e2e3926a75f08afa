// Package templates holds the pages and the mails as they are written, for the programs that fill them in.
package templates

import "embed"

// Files are the templates: layouts, partials and pages for the screen, mails for the post.
//
//go:embed layouts partials pages mails
var Files embed.FS
